import t from 'tap'
import { claimDue } from '../../../src/jobs/webhooks/queries/attempts.ts'
import { openHooks } from './scene.ts'

const LANES = 4
const ROUNDS = 20
const free = new Map<string, number>()

// Red without `for update skip locked` in claimDue: all of them take the oldest four.
t.test('of processes that look at the same moment, each takes deliveries of its own', async (t) => {
  const hooks = await openHooks(t)
  const { hook } = await hooks.hook(['member.left'])
  const db = hooks.muster.db.sql
  for (let n = 0; n < 4 * LANES; n++) await hooks.test(hook)
  for (let round = 0; round < ROUNDS; round++) {
    const claims = await Promise.all(Array.from({ length: 4 }, () => claimDue(db, LANES, free)))
    const taken = claims.flat().map(({ deliveryId }) => deliveryId)
    t.equal(new Set(taken).size, taken.length)
    t.ok(taken.length >= LANES)
    await hooks.query('update deliveries set attempts = 0, next_attempt_at = now()')
  }
})

t.test('what is due first is taken first, for each endpoint no more than it has lanes free', async (t) => {
  const hooks = await openHooks(t)
  const db = hooks.muster.db.sql
  const busy = (await hooks.hook(['member.left'])).hook
  const idle = (await hooks.hook(['member.left'])).hook
  const expected: string[] = []
  for (let n = 0; n < 6; n++) {
    const ids = [await hooks.test(busy), await hooks.test(idle)].map(({ id }) => id)
    expected.push(...ids.slice(n < 1 ? 0 : 1, n < LANES ? 2 : 1))
  }
  const claimed = await claimDue(db, LANES, new Map([[busy.id, LANES - 1]]))
  t.same(claimed.map(({ deliveryId }) => deliveryId).sort(), expected.sort())
  t.same(await claimDue(db, LANES, new Map([busy, idle].map(({ id }) => [id, LANES + 1]))), [])
})

t.test('an attempt that nobody has ended is made again after a minute, and not before', async (t) => {
  const hooks = await openHooks(t)
  const db = hooks.muster.db.sql
  const { hook } = await hooks.hook(['member.left'])
  const { id } = await hooks.test(hook)
  const claim = async () =>
    (await claimDue(db, LANES, free)).map(({ deliveryId, attempts }) => [deliveryId, attempts])
  const pass = (interval: string) =>
    hooks.query('update deliveries set next_attempt_at = next_attempt_at - $1::interval', [interval])
  t.same(await claim(), [[id, 1]])
  t.same(await claim(), [])
  await pass('55 seconds')
  t.same(await claim(), [])
  await pass('5 seconds')
  t.same(await claim(), [[id, 2]])
})
