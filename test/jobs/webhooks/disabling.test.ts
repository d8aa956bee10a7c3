import t from 'tap'
import { misfitsOf } from '../../support/event-document.ts'
import { until } from '../scene.ts'
import { disablings, failFor, openHooks } from './scene.ts'

t.test('an endpoint that says it is gone is disabled at once, and that is an event', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const watcher = await hooks.hook(null)
  const { receiver, hook } = await hooks.hook()
  receiver.answer = 410
  await hooks.happen()
  t.match(await hooks.tried(hook, 1), { status: 'failed', responseStatus: 410, nextAttemptAt: null })
  t.match(await hooks.read(hook), { status: 'disabled', disabledReason: 'gone', version: 2 })
  const [event, ...others] = await disablings(hooks)
  t.same(others, [])
  t.match(event, { subject: { type: 'webhook', id: hook.id }, data: { reason: 'gone' } })
  t.same(event && misfitsOf(event), [], 'as the document says')
  t.match(event, { actor: { type: 'system', userId: null }, orgId: null, sequence: null })
  await until('another endpoint is told', () => watcher.receiver.received.some(({ id }) => id === event?.id))

  await hooks.happen()
  await hooks.sent()
  t.equal(receiver.received.length, 1, 'nothing is sent there any more')
})

t.test('an endpoint that fails for five days is disabled, and that is an event', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const { receiver, hook } = await hooks.hook()
  receiver.answer = 500
  await hooks.happen()
  await hooks.tried(hook, 1)
  const since = Date.parse((await hooks.read(hook)).failingSince ?? '')
  t.ok(Math.abs(since - Date.now()) < 10_000, 'since its first failure')

  await failFor(hooks, '4 days 23 hours 59 minutes')
  await hooks.hurry()
  await hooks.tried(hook, 5)
  t.match(await hooks.read(hook), { status: 'enabled', disabledReason: null, version: 1 })
  t.same(await disablings(hooks), [])

  await failFor(hooks, '5 days 1 second')
  await hooks.hurry()
  t.match(await hooks.tried(hook, 6), { status: 'pending' })
  t.match(await hooks.read(hook), { status: 'disabled', disabledReason: 'failing', version: 2 })
  t.match(await disablings(hooks), [{ subject: { id: hook.id }, data: { reason: 'failing' } }])
  t.equal((await disablings(hooks)).length, 1)
})

t.test(
  'a failure does not move the moment since which it fails, and not being answered is one',
  async (t) => {
    const hooks = await openHooks(t)
    await hooks.work(300)
    const { receiver, hook } = await hooks.hook()
    receiver.answer = 500
    await hooks.happen()
    await hooks.tried(hook, 1)
    const { failingSince } = await hooks.read(hook)
    receiver.answer = 'hang'
    await hooks.hurry()
    await hooks.tried(hook, 2)
    t.equal((await hooks.read(hook)).failingSince, failingSince)
    await failFor(hooks, '5 days 1 second')
    await hooks.hurry()
    await hooks.tried(hook, 5)
    t.match(await hooks.read(hook), { disabledReason: 'failing' })
  },
)

t.test(
  'what has just happened, and fails once, does not disable an endpoint that has failed for days',
  async (t) => {
    const hooks = await openHooks(t)
    await hooks.work()
    const { receiver, hook } = await hooks.hook()
    receiver.answer = 500
    await failFor(hooks, '5 days 1 hour')
    await hooks.happen()
    for (const attempt of [1, 2, 3, 4]) {
      await hooks.tried(hook, attempt)
      t.match(await hooks.read(hook), { status: 'enabled' }, `not by attempt ${attempt}`)
      await hooks.hurry()
    }
    await hooks.tried(hook, 5)
    t.match(await hooks.read(hook), { disabledReason: 'failing' }, 'after hours it does')
  },
)

t.test('a 410 from where it led before ends neither the endpoint nor the delivery', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const { receiver, hook } = await hooks.hook(['member.left'])
  const elsewhere = await hooks.hook(['member.left'])
  const { promise, resolve } = Promise.withResolvers<number>()
  receiver.answer = promise
  await hooks.test(hook)
  await receiver.arrived(1)
  await hooks.backend.patch(`/webhooks/${hook.id}`, { url: elsewhere.receiver.url, status: 'disabled' })
  resolve(410)
  t.match(await hooks.tried(hook, 1), { status: 'pending', responseStatus: 410 })
  t.match(await hooks.read(hook), { status: 'disabled', disabledReason: 'requested' })
  await hooks.backend.patch(`/webhooks/${hook.id}`, { status: 'enabled' })
  await hooks.hurry()
  await hooks.done(hook, 1)
  t.equal(elsewhere.receiver.received.length, 1)
})

// Red without `isAsCalled` in fail.
for (const [status, reason] of [
  [410, 'gone'],
  [500, 'failing'],
] as const)
  t.test(`of four attempts that end with ${status} at once, one disables`, async (t) => {
    const hooks = await openHooks(t)
    await hooks.work()
    const { receiver, hook } = await hooks.hook(['member.left'])
    const { promise, resolve } = Promise.withResolvers<number>()
    receiver.answer = 500
    if (reason === 'gone') receiver.answer = promise
    for (let n = 0; n < 4; n++) await hooks.test(hook)
    await receiver.arrived(4)
    if (reason === 'failing') {
      await hooks.untilEnded(hook, 4)
      await failFor(hooks, '6 days')
      receiver.answer = promise
      await hooks.hurry()
      await receiver.arrived(8)
    }
    resolve(status)
    await hooks.ended(hook)
    t.match(await hooks.read(hook), { status: 'disabled', disabledReason: reason, version: 2 })
    t.equal((await disablings(hooks)).length, 1)
  })

t.test('a success ends the failing', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const { receiver, hook } = await hooks.hook()
  receiver.answer = 500
  await hooks.happen()
  await hooks.tried(hook, 1)
  await failFor(hooks, '4 days')
  receiver.answer = 200
  await hooks.hurry()
  await hooks.done(hook, 1)
  t.match(await hooks.read(hook), { status: 'enabled', failingSince: null, version: 1 })
  receiver.answer = 500
  await hooks.happen()
  await hooks.tried(hook, 1)
  const { failingSince } = await hooks.read(hook)
  t.ok(Math.abs(Date.parse(failingSince ?? '') - Date.now()) < 10_000, 'it begins anew')
})

t.test('a success ends the failing that began while it was on its way', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const { receiver, hook } = await hooks.hook(['member.left'])
  const slow = Promise.withResolvers<number>()
  receiver.answer = slow.promise
  const first = await hooks.test(hook)
  await receiver.arrived(1)
  receiver.answer = 500
  await hooks.test(hook)
  await hooks.tried(hook, 1)
  t.ok((await hooks.read(hook)).failingSince)
  slow.resolve(200)
  await hooks.done(hook, 1)
  t.match((await hooks.deliveriesOf(hook)).at(-1), { id: first.id, status: 'succeeded' })
  t.equal((await hooks.read(hook)).failingSince, null)
})

t.test('two days without a failure begin the count anew', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const { receiver, hook } = await hooks.hook(['member.left'])
  receiver.answer = 500
  await failFor(hooks, '30 days')
  await hooks.query("update webhooks set failed_at = now() - interval '49 hours'")
  await hooks.test(hook)
  await hooks.tried(hook, 1)
  const { status, failingSince } = await hooks.read(hook)
  t.equal(status, 'enabled')
  t.ok(Date.now() - Date.parse(failingSince ?? '') < 60_000)
})
