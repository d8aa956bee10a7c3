import t from 'tap'
import { disablings, failFor, openHooks } from './scene.ts'

t.test(
  'nothing is sent to an endpoint that is disabled, and what waits goes on when it is enabled',
  async (t) => {
    const hooks = await openHooks(t)
    await hooks.work()
    const { receiver, hook } = await hooks.hook()
    receiver.answer = 500
    const before = await hooks.happen()
    const waiting = await hooks.tried(hook, 1)
    const set = (status: string) => hooks.backend.patch(`/webhooks/${hook.id}`, { status })
    await set('disabled')
    const paths = [`/webhooks/${hook.id}/test`, `/webhooks/${hook.id}/deliveries/${waiting.id}/redeliver`]
    for (const path of paths)
      t.match(await hooks.backend.post(path), { status: 409, body: { code: 'webhook_disabled' } })
    await hooks.happen('Meanwhile')
    await hooks.hurry()
    await hooks.sent()
    t.equal(receiver.received.length, 1)

    receiver.answer = 200
    await set('enabled')
    t.equal((await hooks.read(hook)).failingSince, null)
    const after = await hooks.happen('After')
    await hooks.done(hook, 2)
    t.same(
      receiver.received.map(({ id }) => id).sort(),
      [before, before, after].sort(),
      'what happened meanwhile passed it by',
    )
    for (const path of paths) t.equal((await hooks.backend.post(path)).status, 201)
  },
)

t.test('an endpoint that was disabled for failing has all its days again when it is enabled', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const { receiver, hook } = await hooks.hook()
  receiver.answer = 500
  await hooks.happen()
  await hooks.tried(hook, 1)
  await failFor(hooks, '6 days')
  await hooks.hurry()
  await hooks.tried(hook, 5)
  t.match(await hooks.read(hook), { disabledReason: 'failing' })
  await hooks.backend.patch(`/webhooks/${hook.id}`, { status: 'enabled' })
  await hooks.hurry()
  await hooks.tried(hook, 6)
  t.match(await hooks.read(hook), { status: 'enabled', disabledReason: null })
})

t.test('an endpoint that is disabled while it is asked keeps what came of it', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const { receiver, hook } = await hooks.hook(['member.left'])
  const { promise, resolve } = Promise.withResolvers<number>()
  receiver.answer = promise
  await hooks.test(hook)
  await receiver.arrived(1)
  await hooks.backend.patch(`/webhooks/${hook.id}`, { status: 'disabled' })
  resolve(410)
  t.match(await hooks.tried(hook, 1), { status: 'pending', responseStatus: 410 })
  t.match(await hooks.read(hook), { status: 'disabled', disabledReason: 'requested' })
  t.same(await disablings(hooks), [])
  await hooks.backend.patch(`/webhooks/${hook.id}`, { status: 'enabled' })
  await hooks.hurry()
  t.match(await hooks.tried(hook, 2), { status: 'failed', responseStatus: 410 }, 'and is asked once more')
  t.match(await hooks.read(hook), { status: 'disabled', disabledReason: 'gone' })
})

t.test('an endpoint that is deleted while it is asked is gone, and nothing breaks', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const { receiver, hook } = await hooks.hook(['member.left'])
  const { promise, resolve } = Promise.withResolvers<number>()
  receiver.answer = promise
  for (let n = 0; n < 4; n++) await hooks.test(hook)
  await receiver.arrived(4)
  t.equal((await hooks.backend.delete(`/webhooks/${hook.id}`)).status, 204)
  resolve(410)
  const next = await hooks.hook()
  const id = await hooks.happen()
  await next.receiver.arrived(1)
  t.match(next.receiver.received, [{ id }])
  t.same(await disablings(hooks), [])
  await hooks.hurry()
  await hooks.sent()
  t.equal(receiver.received.length, 4, 'nothing more is sent there')
})
