import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { and, eq, sql } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import t, { type Test } from 'tap'
import { type Database, openDatabase, type Sql, together } from '../../src/db/client.ts'
import { violatedConstraint } from '../../src/db/errors.ts'
import { prepared, preparedForGiven, preparedText } from '../../src/db/statement.ts'
import { cloneDatabase } from '../support/postgres.ts'

const databaseUrl = await cloneDatabase(t)
const things = pgTable('things', { id: integer('id').primaryKey(), name: text('name').notNull() })
await withDatabase(t, 1).pool.query('create table things (id int primary key, name text not null)')

const echoed = preparedText<{ word: string }>('echo', sql`select ${sql.placeholder('word')}::text as word`)

const inserted = prepared('insert_thing', (db) =>
  db
    .insert(things)
    .values({ id: sql.placeholder('id'), name: sql.placeholder('name') })
    .returning(),
)

const named = prepared('thing', (db) =>
  db
    .select({ name: things.name, twice: sql<string>`${things.name} || ${sql.placeholder('word')}::text` })
    .from(things)
    .where(eq(things.id, sql.placeholder('id'))),
)

const connection = prepared('connection', (db) =>
  db.select({ pid: sql<number>`pg_backend_pid()` }).from(sql`(values (1)) as one`),
)

interface Filter {
  readonly id?: number | undefined
  readonly name?: string | undefined
  readonly word: string
}

const filtered = preparedForGiven<Filter, { id: number; word: string }[]>('things', (db, given) =>
  db
    .select({ id: things.id, word: sql<string>`${sql.placeholder('word')}::text` })
    .from(things)
    .where(
      and(
        given.has('id') ? eq(things.id, sql.placeholder('id')) : undefined,
        given.has('name') ? eq(things.name, sql.placeholder('name')) : undefined,
      ),
    )
    .orderBy(things.id),
)

t.test('two statements of one name are refused, in whichever way they are made', async (t) => {
  const refused = /two statements called echo/
  t.throws(() => preparedText('echo', sql`select 1`), refused)
  t.throws(() => prepared('echo', (db) => db.select().from(things)), refused)
  t.throws(() => preparedForGiven('echo', (db) => db.select().from(things)), refused)
})

t.test(
  'a statement is prepared once for a connection, in and outside transactions, and used by name',
  async (t) => {
    const db = withDatabase(t, 1)
    for (let n = 0; n < 10; n++) {
      await named(db.sql, { id: n, word: 'w' })
      await db.transaction((tx) => together(echoed(tx, { word: 'a' }), echoed(tx, { word: 'b' })))
    }
    t.same(await statementsOf(db), [
      { name: 'echo', runs: 20 },
      { name: 'thing', runs: 10 },
    ])
    t.same(await statementsOf(withDatabase(t, 1)), [], 'and another connection knows nothing of it')
  },
)

t.test(
  'there is one statement for each set of values that are given, and none that is not set is in it',
  async (t) => {
    const db = withDatabase(t, 1)
    await inserted(db.sql, { id: 1, name: 'one' })
    await inserted(db.sql, { id: 2, name: 'two' })
    const ids = async (filter: Omit<Filter, 'word'>) =>
      (await filtered(db.sql, { ...filter, word: 'w' })).map(({ id }) => id)
    for (let n = 0; n < 3; n++) {
      t.same(await ids({}), [1, 2])
      t.same(await ids({ id: 2 }), [2])
      t.same(await ids({ name: 'one', id: undefined }), [1])
      t.same(await ids({ name: 'one', id: 2 }), [])
      t.same(await ids({ id: 2, name: 'two' }), [2])
    }
    const { rows } = await db.pool.query(
      `select statement ~ '"id" = ' as "byId", statement ~ '"name" = ' as "byName",
        (generic_plans + custom_plans)::int as runs
      from pg_prepared_statements where name like 'things %' order by 1, 2`,
    )
    t.same(rows, [
      { byId: false, byName: false, runs: 3 },
      { byId: false, byName: true, runs: 3 },
      { byId: true, byName: false, runs: 3 },
      { byId: true, byName: true, runs: 6 },
    ])
  },
)

t.test('sets of many values are told apart, though PostgreSQL cuts names', async (t) => {
  const names = Array.from({ length: 8 }, (_, n) => `aRatherLongNameOfAValue${n}`)
  const given = preparedForGiven<Record<string, string>, { all: string }[]>(
    'of_many_values',
    (db, which) =>
      db
        .select({ all: sql.join([sql`''`, ...[...which].map((key) => sql.placeholder(key))], sql` || `) })
        .from(sql`(values (1)) as one`) as never,
  )
  const db = withDatabase(t, 1)
  for (let round = 0; round < 2; round++)
    for (let count = 1; count <= names.length; count++) {
      const values = Object.fromEntries(names.slice(0, count).map((name, n) => [name, String(n)]))
      t.same(await given(db.sql, values), [{ all: '01234567'.slice(0, count) }])
    }
})

t.test('what is sent together is on its way before the first answer', async (t) => {
  const line = await holdingBack(t)
  const db = openDatabase(line.url, 1)
  t.teardown(() => db.close())
  await db.pool.query('select 1')
  line.holdUntil('the last word')
  const answers = await db.transaction((tx) =>
    together(
      echoed(tx, { word: 'first' }),
      named(tx, { id: 1, word: '!' }),
      echoed(tx, { word: 'the last word' }),
    ),
  )
  t.match(answers, [
    { rows: [{ word: 'first' }] },
    [{ name: 'one', twice: 'one!' }],
    { rows: [{ word: 'the last word' }] },
  ])
})

t.test(
  'of several failures the first one is told, by order and not by time, after all have ended',
  async (t) => {
    const ended: string[] = []
    const fails = async (name: string, turns: number) => {
      for (let n = 0; n < turns; n++) await setImmediate()
      ended.push(name)
      throw new Error(name)
    }
    await t.rejects(together(fails('first', 3), 'no promise', fails('second', 1), fails('third', 5)), {
      message: 'first',
    })
    t.same(ended, ['second', 'first', 'third'])
  },
)

t.test(
  'a transaction that fails in the middle of a flight leaves nothing, and its connection goes on',
  async (t) => {
    const db = withDatabase(t, 1)
    const pid = await pidIn(db.sql)
    for (let round = 0; round < 3; round++) {
      const failed = db.transaction((tx) =>
        together(
          inserted(tx, { id: 10, name: 'before' }),
          inserted(tx, { id: 1, name: 'is there' }),
          // For the first time on this connection, in a transaction that has failed.
          named(tx, { id: 10, word: '' }),
          inserted(tx, { id: 11, name: 'behind' }),
        ),
      )
      t.equal(violatedConstraint(await failed.catch((error) => error)), 'things_pkey')
      t.same(await named(db.sql, { id: 10, word: '' }), [])
      t.same(await named(db.sql, { id: 11, word: '' }), [])
    }
    await db.transaction((tx) =>
      together(inserted(tx, { id: 10, name: 'later' }), inserted(tx, { id: 11, name: 'too' })),
    )
    t.same(await named(db.sql, { id: 11, word: '' }), [{ name: 'too', twice: 'too' }])
    t.equal(await pidIn(db.sql), pid)
  },
)

t.test('what is refused behind a flight leaves nothing either', async (t) => {
  const db = withDatabase(t, 1)
  const pid = await pidIn(db.sql)
  const refused = db.transaction(async (tx) => {
    await together(inserted(tx, { id: 20, name: 'a' }), inserted(tx, { id: 21, name: 'b' }))
    throw new Error('refused')
  })
  await t.rejects(refused, { message: 'refused' })
  t.same(await filtered(db.sql, { id: 20, word: '' }), [])
  t.equal(await pidIn(db.sql), pid)
})

t.test('calls that are begun in one turn each go to the connection that they are meant for', async (t) => {
  const db = withDatabase(t, 2)
  const right = await db.transaction((one) =>
    db.transaction(async (other) => {
      const [own, theirs] = await together(pidIn(one), pidIn(other))
      t.not(own, theirs)
      const turns = Array.from({ length: 100 }, () => together(connection(one), connection(other)))
      return (await Promise.all(turns)).map(([[a], [b]]) => a?.pid === own && b?.pid === theirs)
    }),
  )
  t.same([...new Set(right)], [true])
})

t.test('thousands of calls at once, on several connections, each get their own answer', async (t) => {
  const db = withDatabase(t, 8)
  await db.pool.query("insert into things select n, 'thing ' || n from generate_series(1000, 1499) as n")
  // Some are begun in one turn of the event loop, and most while others are answered.
  const callers = Array.from({ length: 32 }, (_, caller) => call(db, caller))
  const crossed = (await Promise.all(callers)).flat()
  t.same(crossed, [])
})

/** Fifty rounds of four calls with values that nobody else has. Answers what was not theirs. */
async function call(db: Database, caller: number): Promise<string[]> {
  const crossed: string[] = []
  const ask = async (runner: Sql, id: number, own: string): Promise<[string, string | undefined][]> => {
    const [plain, [thing], [one], [other]] = await together(
      echoed(runner, { word: own }),
      named(runner, { id, word: own }),
      filtered(runner, { id, word: own }),
      filtered(runner, { name: `thing ${id}`, word: own }),
    )
    return [
      [own, plain.rows[0]?.word],
      [`thing ${id}${own}`, thing?.twice],
      [`${id} ${own}`, one && `${one.id} ${one.word}`],
      [`${id} ${own}`, other && `${other.id} ${other.word}`],
    ]
  }
  for (let round = 0; round < 50; round++) {
    const id = 1000 + ((caller * 7 + round * 13) % 500)
    const own = `${caller}/${round}`
    const answers =
      (caller + round) % 3 === 0 ? await db.transaction((tx) => ask(tx, id, own)) : await ask(db.sql, id, own)
    for (const [expected, found] of answers)
      if (found !== expected) crossed.push(`${found} instead of ${expected}`)
  }
  return crossed
}

t.test('a prepared statement goes on when a migration changes the tables it reads', async (t) => {
  const db = withDatabase(t, 1)
  const star = preparedText<{ name: string }>(
    'thing_of_all_columns',
    sql`with thing as (select * from things where id = ${sql.placeholder('id')}) select name from thing`,
  )
  const pid = await pidIn(db.sql)
  const useAll = async (id: number) => {
    t.same(await inserted(db.sql, { id, name: 'new' }), [{ id, name: 'new' }])
    t.same(await named(db.sql, { id, word: '!' }), [{ name: 'new', twice: 'new!' }])
    t.same(await filtered(db.sql, { id, word: 'w' }), [{ id, word: 'w' }])
    t.same((await star(db.sql, { id })).rows, [{ name: 'new' }])
  }
  // As often as it takes PostgreSQL to go over to a plan for any values.
  for (let id = 30; id < 40; id++) await useAll(id)
  const migrator = withDatabase(t, 1)
  await migrator.pool.query("alter table things add column colour text not null default 'red'")
  await useAll(40)
  await migrator.pool.query('create index things_name on things (name)')
  await useAll(41)
  await migrator.pool.query('alter table things drop column colour')
  await useAll(42)
  t.equal(await pidIn(db.sql), pid)
})

function withDatabase(t: Pick<Test, 'teardown'>, size: number): Database {
  const db = openDatabase(databaseUrl, size)
  t.teardown(() => db.close())
  return db
}

/** Of a database with one connection, or in a transaction: who answers there, asked without a prepared statement. */
async function pidIn({ $client }: Pick<Sql, '$client'>): Promise<number> {
  const { rows } = await $client.query('select pg_backend_pid() as pid')
  return rows[0].pid
}

/** Of a database with one connection. */
async function statementsOf(db: Database): Promise<unknown[]> {
  const { rows } = await db.pool.query(
    'select name, (generic_plans + custom_plans)::int as runs from pg_prepared_statements order by name',
  )
  return rows
}

/** A line to the database on which no answer arrives until a certain word has been sent. */
async function holdingBack(t: Pick<Test, 'teardown'>) {
  const url = new URL(databaseUrl)
  const { hostname, port } = url
  const sockets = new Set<Socket>()
  let awaited: string | undefined
  const server = createServer((outer) => {
    const inner = connect(Number(port), hostname)
    for (const socket of [outer, inner]) sockets.add(socket.on('error', () => {}))
    let sent = ''
    outer.on('data', (chunk) => {
      inner.write(chunk)
      sent += chunk.toString('latin1')
      if (awaited !== undefined && sent.includes(awaited)) inner.resume()
      else if (awaited !== undefined) inner.pause()
    })
    outer.on('close', () => inner.destroy())
    inner.on('data', (chunk) => outer.write(chunk))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    holdUntil: (word: string) => {
      awaited = word
    },
  }
}
