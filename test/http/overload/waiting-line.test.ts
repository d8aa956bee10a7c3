import { Client } from 'pg'
import t, { type Test } from 'tap'
import { WaitingLine } from '../../../src/http/overload/waiting-line.ts'
import { claims, token } from '../../support/keys.ts'
import { startMuster, withOrg } from '../../support/muster.ts'
import { bearer } from '../../support/process.ts'

t.test('so many are handled at a time, and the others in the order in which they came', async (t) => {
  const { come, leave, handled } = lineOf(t, 2)
  for (const name of ['a', 'b', 'c', 'd', 'e']) come(name)
  t.same(handled, ['a', 'b'])
  leave('b')
  await nextTurn()
  t.same(handled, ['a', 'b', 'c'])
  leave('a')
  leave('c')
  leave('c')
  await nextTurn()
  t.same(handled, ['a', 'b', 'c', 'd', 'e'])
})

t.test('who has hung up is passed over', async (t) => {
  const { come, leave, handled } = lineOf(t, 1)
  for (const name of ['a', 'b', 'c']) come(name)
  come('b').raw.destroyed = true
  leave('a')
  await nextTurn()
  t.same(handled, ['a', 'c'])
})

t.test('a burst is served, however long the line', async (t) => {
  const { come, serve, pass, handled, refused } = lineOf(t, 10)
  for (let n = 0; n < 500; n++) come(`${n}`)
  for (let window = 0; window < 15; window++) {
    await serve(35)
    await pass(100)
  }
  t.equal(handled.length, 500)
  t.same(refused, [])
})

t.test('what gathers while the process stands still is served, when it is no more than can be', async (t) => {
  const { come, serve, pass, hopeless, refused } = lineOf(t, 10)
  let count = 0
  const tick = async () => {
    for (let n = 0; n < 5; n++) if (!hopeless()) come(`${count++}`)
    await serve(10)
    await pass(10)
  }
  for (let n = 0; n < 20; n++) await tick()
  await pass(500)
  for (let n = 0; n < 250; n++) if (!hopeless()) come(`${count++}`)
  for (let n = 0; n < 100; n++) await tick()
  t.same(refused, [])
  t.equal(count, 850)
})

t.test('who waits for two seconds is refused, as where a connection is waited for', async (t) => {
  const { come, pass, handled, refused } = lineOf(t, 1)
  come('slow')
  come('waiting')
  for (let window = 0; window < 19; window++) await pass(100)
  t.same(refused, [])
  await pass(101)
  t.same([handled, refused], [['slow'], ['waiting']])
})

t.test('while more come than can be served, nobody who is served has waited for long', async (t) => {
  const { come, serve, pass, handled, refused, hopeless, waits } = lineOf(t, 10)
  let count = 0
  const overload = async (windows: number) => {
    for (let tick = 0; tick < 10 * windows; tick++) {
      for (let n = 0; n < 10; n++) if (!hopeless()) come(`${count++}`)
      await serve(5)
      await pass(10)
    }
  }
  await overload(4)
  const served = handled.length
  await overload(10)
  t.ok(handled.length - served >= 480, 'as many are served as can be')
  t.ok(refused.length > 0, 'others are refused')
  // Ten are handled at a time and fifty done in a window, so handling takes 20 ms.
  t.ok(Math.max(...waits.slice(served)) <= 20, `${Math.max(...waits.slice(served))} ms`)

  for (let tick = 0; tick < 10; tick++) {
    await serve(40)
    await pass(10)
  }
  for (let window = 0; window < 12; window++) await pass(100)
  const before = refused.length
  for (let n = 0; n < 300; n++) if (!hopeless()) come(`after ${n}`)
  for (let window = 0; window < 10; window++) {
    await serve(40)
    await pass(100)
  }
  t.equal(refused.length, before, 'and when it is over, a burst is served again')
  t.equal(handled.at(-1), 'after 299')
})

t.test('whoever hangs up, is refused or fails leaves the place to others', async (t) => {
  const muster = await startMuster(t, { REQUESTS_AT_ONCE: '2' })
  const { alice, path } = await withOrg(muster)
  const secret = muster.config.jwt.kind === 'secret' ? muster.config.jwt.secret : ''
  const headers = bearer(token(secret, { alg: 'HS256' }, claims({ sub: 'alice' })))
  const other = new Client({ connectionString: muster.databaseUrl })
  await other.connect()
  await other.query('begin; lock table members')
  for (let round = 0; round < 2; round++) {
    const patience = new AbortController()
    const { signal } = patience
    const calls = Array.from({ length: 3 }, () =>
      fetch(muster.url + path, { headers, signal }).catch(({ name }) => name),
    )
    while ((await muster.db.pool.query(WAITING)).rowCount !== 2);
    patience.abort()
    t.same(await Promise.all(calls), Array(3).fill('AbortError'))
    t.equal((await alice.get(path)).status, 503, 'those who hang in the database are waited for')
  }
  await other.query('rollback')
  await other.end()
  for (let n = 0; n < 5; n++) {
    t.equal((await alice.post('/orgs', { name: 7 })).status, 400)
    t.equal((await alice.post('/orgs', { name: 'x', slug: 'acme' })).status, n === 0 ? 201 : 409)
    t.equal((await muster.user('mallory').get(path)).status, 404)
    t.equal((await alice.delete(`${path}/invitations`)).status, 404)
  }
  t.equal((await alice.get(path)).status, 200)
})

const WAITING = "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"

/** A line with a clock that moves when it is told to. Windows of 100 ms end by it. */
function lineOf(t: Test, atOnce: number) {
  const before = performance.now
  let now = 1_000_000
  performance.now = () => now
  t.teardown(() => {
    performance.now = before
  })
  const line = new WaitingLine(atOnce)
  const callers = new Map<string, { isHandled: boolean; raw: { destroyed: boolean } }>()
  const handled: string[] = []
  const refused: string[] = []
  const waits: number[] = []

  const come = (name: string) => {
    const caller = callers.get(name) ?? { isHandled: false, raw: { destroyed: false } }
    if (callers.has(name)) return caller
    callers.set(name, caller)
    const came = now
    line.enter(caller, caller, (error) => {
      ;(error ? refused : handled).push(name)
      if (!error) waits.push(now - came)
    })
    return caller
  }
  const leave = (name: string) => line.leave(callers.get(name) ?? { isHandled: false })
  /** Lets the first ones of those who are handled be done. */
  const serve = async (most: number) => {
    for (let n = 0; n < most; n++) {
      const first = [...callers].find(([, { isHandled }]) => isHandled)
      if (!first) return
      line.leave(first[1])
      callers.delete(first[0])
      await nextTurn()
    }
  }
  let windowEnds = now + 100
  const pass = async (milliseconds: number) => {
    now += milliseconds
    await nextTurn()
    if (now < windowEnds) return
    windowEnds = now + 100
    line.endWindow()
    await nextTurn()
  }
  return { come, leave, serve, pass, handled, refused, waits, hopeless: () => line.isHopeless() }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
