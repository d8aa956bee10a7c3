import t from 'tap'
import { startReceiver } from '../../support/receiver.ts'
import { until } from '../scene.ts'
import { dumpText, openHooks, pauseOf } from './scene.ts'

// Seconds that an attempt itself may take, on a machine that has other things to do.
const BUSY = 20

const PLANNED = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]

t.test(
  'what fails is tried again after growing pauses, with the same id, a new time and a new signature',
  async (t) => {
    const hooks = await openHooks(t)
    await hooks.work()
    const { receiver, hook } = await hooks.hook()
    receiver.answer = 503
    const id = await hooks.happen()
    for (const [index, planned] of PLANNED.entries()) {
      const attempts = index + 1
      const delivery = await hooks.tried(hook, attempts)
      t.match(delivery, { status: 'pending', attempts, responseStatus: 503, failure: null, duration: Number })
      const seconds = pauseOf(delivery)
      t.ok(seconds >= planned && seconds <= planned * 1.2 + BUSY, `attempt ${attempts}: ${seconds} s`)
      await until(
        'the clock has gone on',
        () => Date.now() / 1000 > (receiver.received[0]?.timestamp ?? 0) + 1,
      )
      await hooks.hurry()
    }
    t.match(await hooks.tried(hook, 10), { status: 'failed', responseStatus: 503, nextAttemptAt: null })
    await hooks.hurry()
    await hooks.sent()

    const { received } = receiver
    t.equal(received.length, 10, 'ten times, and not once more')
    t.same([...new Set(received.map((arrival) => arrival.id))], [id])
    t.equal(new Set(received.map(({ body }) => body)).size, 1)
    t.same(receiver.refused(), [])
    for (const { timestamp, at } of received)
      t.ok(Math.abs(timestamp - at / 1000) < BUSY, 'signed when it was sent')
    t.ok((received[9]?.timestamp ?? 0) > (received[0]?.timestamp ?? 0))
    t.not(received[9]?.headers['webhook-signature'], received[0]?.headers['webhook-signature'])
  },
)

t.test('a pause is over by itself', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const { receiver, hook } = await hooks.hook()
  receiver.answer = 500
  await hooks.happen()
  await hooks.tried(hook, 1)
  receiver.answer = 204
  await receiver.arrived(2)
  await hooks.done(hook, 1)
  const [first, second] = receiver.received
  const waited = (second?.at ?? 0) - (first?.at ?? 0)
  t.ok(waited >= 5_000 && waited < 60_000, `${waited} ms`)
  t.match(await hooks.deliveriesOf(hook), [{ status: 'succeeded', attempts: 2, nextAttemptAt: null }])
})

t.test('an endpoint that asks for time is given it: seconds or a date, six hours at most', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const inTwoHours = new Date(Date.now() + 7_200_000).toUTCString()
  const wishes: [wish: string, from: number, to: number, status?: number][] = [
    ['3600', 3600, 3600],
    ['3600', 3600, 3600, 429],
    ['3600', 3600, 3600, 301],
    [inTwoHours, 6900, 7200],
    ['99999999', 21_600, 21_600],
    ['Fri, 31 Dec 2100 23:59:59 GMT', 21_600, 21_600],
    ['1', 5, 6],
    ['-5', 5, 6],
    ['soon', 5, 6],
    ['Fri, 31 Dec 1999 23:59:59 GMT', 5, 6],
  ]
  for (const [wish, from, to, status = 503] of wishes) {
    const { receiver, hook } = await hooks.hook(['member.left'])
    receiver.answer = { status, headers: { 'retry-after': wish } }
    await hooks.test(hook)
    const seconds = pauseOf(await hooks.tried(hook, 1))
    t.ok(seconds >= from && seconds <= to + BUSY, `${status}, ${wish}: ${seconds} s`)
  }
})

t.test('only 2xx is a success', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  for (const [status, outcome] of [
    [200, 'succeeded'],
    [204, 'succeeded'],
    [299, 'succeeded'],
    [300, 'pending'],
    [304, 'pending'],
    [400, 'pending'],
    [404, 'pending'],
    [422, 'pending'],
    [599, 'pending'],
  ] as const) {
    const { receiver, hook } = await hooks.hook(['member.left'])
    receiver.answer = status
    await hooks.test(hook)
    t.match(await hooks.tried(hook, 1), { status: outcome, responseStatus: status, failure: null })
  }
})

t.test('a redirect is a failure, and is not followed', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const elsewhere = await startReceiver(t)
  for (const status of [301, 302, 303, 307, 308]) {
    const { receiver, hook } = await hooks.hook(['member.left'])
    receiver.answer = { status, headers: { location: elsewhere.url } }
    await hooks.test(hook)
    t.match(await hooks.tried(hook, 1), { status: 'pending', responseStatus: status })
  }
  t.same(elsewhere.received, [])
})

t.test('who does not answer fails, and the list says why', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work(400)
  const { receiver, hook } = await hooks.hook(['member.left'])
  const fails = async (failure: string, least: number) => {
    await hooks.query('delete from deliveries')
    await hooks.test(hook)
    const delivery = await hooks.tried(hook, 1)
    t.match(delivery, { status: 'pending', responseStatus: null, failure })
    const { duration } = delivery
    t.ok(duration !== null && duration >= least && duration < 15_000, `${failure} after ${duration} ms`)
  }
  receiver.answer = 'hang'
  await fails('timeout', 395)
  receiver.answer = 'close'
  await fails('connection_failed', 0)
  await receiver.stop()
  await fails('connection_failed', 0)
  await receiver.start()
  receiver.answer = 204
  await hooks.hurry()
  await hooks.done(hook, 1)
})

t.test('the list tells how long it took, and nothing is kept of what an endpoint says', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const { receiver, hook } = await hooks.hook()
  receiver.answer = {
    status: 500,
    says: 'seKret status',
    headers: { 'x-seKret': 'seKret', location: '/seKret' },
    body: 'seKret '.repeat(2_000),
    delay: 300,
  }
  const id = await hooks.happen()
  const delivery = await hooks.tried(hook, 1)
  t.ok((delivery.duration ?? 0) >= 295 && (delivery.duration ?? 0) < 15_000, `${delivery.duration} ms`)
  t.same(Object.keys(delivery).sort(), [
    'attempts',
    'createdAt',
    'duration',
    'event',
    'failure',
    'id',
    'lastAttemptAt',
    'nextAttemptAt',
    'responseStatus',
    'status',
    'webhookId',
  ])
  t.match(delivery, { webhookId: hook.id, event: { id, type: 'org.created' }, attempts: 1 })
  t.notMatch(await dumpText(hooks.muster), 'seKret')
})
