import { sql } from 'drizzle-orm'
import t from 'tap'
import { type Database, together } from '../../src/db/client.ts'
import { prepared, preparedForGiven, preparedText } from '../../src/db/statement.ts'
import {
  databaseWithThings,
  echoed,
  type Filter,
  filtered,
  inserted,
  named,
  open,
  pidIn,
  things,
} from './things.ts'

const url = await databaseWithThings(t)

t.test('two statements of one name are refused, in whichever way they are made', async (t) => {
  const refused = /two statements called echo/
  t.throws(() => preparedText('echo', sql`select 1`), refused)
  t.throws(() => prepared('echo', (db) => db.select().from(things)), refused)
  t.throws(() => preparedForGiven('echo', (db) => db.select().from(things)), refused)
})

t.test(
  'a statement is prepared once for a connection, in and outside transactions, and used by name',
  async (t) => {
    const db = open(t, url, 1)
    for (let n = 0; n < 10; n++) {
      await named(db.sql, { id: n, word: 'w' })
      await db.transaction((tx) => together(echoed(tx, { word: 'a' }), echoed(tx, { word: 'b' })))
    }
    t.same(await statementsOf(db), [
      { name: 'echo', runs: 20 },
      { name: 'thing', runs: 10 },
    ])
    t.same(await statementsOf(open(t, url, 1)), [], 'and another connection knows nothing of it')
  },
)

t.test(
  'there is one statement for each set of values that are given, and none that is not set is in it',
  async (t) => {
    const db = open(t, url, 1)
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
  const db = open(t, url, 1)
  for (let round = 0; round < 2; round++)
    for (let count = 1; count <= names.length; count++) {
      const values = Object.fromEntries(names.slice(0, count).map((name, n) => [name, String(n)]))
      t.same(await given(db.sql, values), [{ all: '01234567'.slice(0, count) }])
    }
})

t.test('a prepared statement goes on when a migration changes the tables it reads', async (t) => {
  const db = open(t, url, 1)
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
  const migrator = open(t, url, 1)
  await migrator.pool.query("alter table things add column colour text not null default 'red'")
  await useAll(40)
  await migrator.pool.query('create index things_name on things (name)')
  await useAll(41)
  await migrator.pool.query('alter table things drop column colour')
  await useAll(42)
  t.equal(await pidIn(db.sql), pid)
})

/** Of a database with one connection. */
async function statementsOf(db: Database): Promise<unknown[]> {
  const { rows } = await db.pool.query(
    'select name, (generic_plans + custom_plans)::int as runs from pg_prepared_statements order by name',
  )
  return rows
}
