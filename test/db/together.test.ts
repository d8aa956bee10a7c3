import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { type Database, type Sql, together } from '../../src/db/client.ts'
import { violatedConstraint } from '../../src/db/errors.ts'
import { holdingBack } from '../support/sockets.ts'
import { connection, databaseWithThings, echoed, filtered, inserted, named, open, pidIn } from './things.ts'

const url = await databaseWithThings(t)

t.test('what is sent together is on its way before the first answer', async (t) => {
  const line = await holdingBack(t, url)
  const db = open(t, line.url, 1)
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
    const db = open(t, url, 1)
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
  const db = open(t, url, 1)
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
  const db = open(t, url, 2)
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
  const db = open(t, url, 8)
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
