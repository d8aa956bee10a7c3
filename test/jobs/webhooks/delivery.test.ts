import t from 'tap'
import { joinAs, type Muster, withOrg } from '../../support/muster.ts'
import { startReceiver } from '../../support/receiver.ts'
import { until } from '../scene.ts'
import { feedOf, openHooks } from './scene.ts'

t.test('every event of a story reaches who wants all, once, signed, as the feed tells it', async (t) => {
  const hooks = await openHooks(t)
  const before = await hooks.muster.user('zoe').post('/orgs', { name: 'Before' })
  await hooks.work()
  await until('what was before has its place', async () => (await feedOf(hooks.muster)).length === 2)
  const { receiver, hook } = await hooks.hook(null)
  await tellStory(hooks.muster)
  await until('the feed has its end', async () =>
    (await feedOf(hooks.muster)).some(({ type }) => type === 'org.deleted'),
  )
  const events = (await feedOf(hooks.muster)).slice(2)
  await receiver.arrived(events.length)
  await hooks.done(hook, events.length)

  t.same(receiver.refused(), [])
  t.same(
    receiver.received.map(({ body }) => body).sort(),
    events.map((event) => JSON.stringify(event)).sort(),
    'to the byte',
  )
  for (const { id, body, method, headers, timestamp, at } of receiver.received) {
    t.equal(id, JSON.parse(body).id, 'webhook-id is the id of the event')
    t.equal(method, 'POST')
    t.match(headers, { 'content-type': 'application/json', 'user-agent': /^Muster/ })
    t.ok(Math.abs(timestamp - at / 1000) < 2, 'of now')
  }
  t.notOk(
    receiver.received.some(({ body }) => body.includes(before.body.id)),
    'nothing of before',
  )
})

t.test('an endpoint is told of the types that it wants, and of no other', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const wanted = { joining: ['member.added', 'member.removed'], orgs: ['org.created'], all: null }
  const made = []
  for (const [name, types] of Object.entries(wanted)) {
    const { receiver, hook } = await hooks.hook(types)
    made.push({ name, types, receiver, hook })
    await until('its making has its place', async () =>
      (await feedOf(hooks.muster)).some(({ subject }) => subject.id === hook.id),
    )
  }
  await tellStory(hooks.muster)
  await until('the feed has its end', async () =>
    (await feedOf(hooks.muster)).some(({ type }) => type === 'org.deleted'),
  )
  const events = await feedOf(hooks.muster)
  for (const { name, types, receiver, hook } of made) {
    const own = events.findIndex(({ subject }) => subject.id === hook.id)
    const expected = events.slice(own).filter(({ type }) => types?.includes(type) ?? true)
    t.ok(expected.length > 0, name)
    await hooks.done(hook, expected.length)
    t.same(receiver.received.map(({ id }) => id).sort(), expected.map(({ id }) => id).sort())
    t.same(receiver.refused(), [])
  }
})

t.test('types that are changed count from then on', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const { receiver, hook } = await hooks.hook(['member.left'])
  await hooks.happen()
  await hooks.backend.patch(`/webhooks/${hook.id}`, { types: ['org.created'] })
  const id = await hooks.happen()
  await receiver.arrived(1)
  await hooks.done(hook, 1)
  t.same(
    receiver.received.map((arrival) => arrival.id),
    [id],
  )
})

t.test('a test goes to its endpoint alone, whichever types are wanted', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const asked = await hooks.hook(['member.left'])
  const others = [await hooks.hook(['webhook.test']), await hooks.hook(null)]
  const delivery = await hooks.test(asked.hook)
  t.match(delivery, {
    webhookId: asked.hook.id,
    event: { type: 'webhook.test' },
    status: 'pending',
    attempts: 0,
  })
  await hooks.done(asked.hook, 1)
  await until('it is in the feed', async () =>
    (await feedOf(hooks.muster)).some(({ id }) => id === delivery.event.id),
  )
  await hooks.happen()
  await others[1]?.receiver.arrived(2)
  t.match(asked.receiver.received, [{ id: delivery.event.id, body: /"type":"webhook.test"/ }])
  t.equal(asked.receiver.received.length, 1)
  t.same(asked.receiver.refused(), [])
  for (const { receiver } of others)
    t.notOk(
      receiver.received.some(({ id }) => id === delivery.event.id),
      'nobody else had it',
    )
})

t.test('a URL that is changed is where the next one goes', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const { receiver, hook } = await hooks.hook()
  const next = await startReceiver(t)
  next.secret = hook.secret
  await hooks.backend.patch(`/webhooks/${hook.id}`, { url: next.url })
  const id = await hooks.happen()
  await next.arrived(1)
  t.match(next.received, [{ id }])
  t.same(next.refused(), [])
  t.same(receiver.received, [])
})

t.test(
  'an event is sent again when that is asked for, as a new delivery that is known by its id',
  async (t) => {
    const hooks = await openHooks(t)
    await hooks.work()
    const { receiver, hook } = await hooks.hook()
    const id = await hooks.happen()
    await hooks.done(hook, 1)
    const [first] = await hooks.deliveriesOf(hook)
    const again = await hooks.backend.post(`/webhooks/${hook.id}/deliveries/${first?.id}/redeliver`)
    t.match(again, {
      status: 201,
      body: { event: { id, type: 'org.created' }, status: 'pending', attempts: 0 },
    })
    t.not(again.body.id, first?.id)
    await hooks.done(hook, 2)
    t.match(receiver.received, [{ id }, { id }])
    t.equal(receiver.received[0]?.body, receiver.received[1]?.body)
    t.same(receiver.refused(), [])
    const deliveries = await hooks.deliveriesOf(hook)
    t.match(deliveries, [{ id: again.body.id }, { id: first?.id }], 'the newest first')
    t.same(deliveries[1], first, 'the first one stays as it was')
  },
)

t.test('three processes deliver each event once', async (t) => {
  const hooks = await openHooks(t)
  await Promise.all([hooks.work(), hooks.work(), hooks.work()])
  const { receiver, hook } = await hooks.hook()
  receiver.answer = { status: 200, delay: 5 }
  const person = async () => {
    for (let made = 0; made < 10; )
      if ((await hooks.muster.user('alice').post('/orgs', { name: 'Acme' })).status === 201) made += 1
  }
  await Promise.all(Array.from({ length: 6 }, person))
  await hooks.done(hook, 60)
  t.equal(receiver.received.length, 60)
  t.equal(new Set(receiver.received.map(({ id }) => id)).size, 60)
})

async function tellStory(muster: Muster): Promise<void> {
  const { alice, path } = await withOrg(muster)
  await joinAs(muster, path, 'bob')
  const { body } = await alice.post(`${path}/resources`, {
    type: 'workspace',
    name: 'Design “Ünï” \u2028 \u{1f980}',
  })
  const place = `${path}/resources/${body.id}`
  await alice.put(`${place}/members/bob`, { role: 'member' })
  await alice.put(`${place}/members/bob`, { role: 'accounting' })
  await alice.patch(`${path}/members/bob`, { role: 'accounting' })
  await alice.put(`${path}/billing`, { legalName: 'Acme GmbH' })
  await alice.patch(path, { memberAccess: 'all' })
  await alice.delete(`${place}/members/bob`)
  await alice.delete(place)
  const invited = await alice.post(`${path}/invitations`, { email: 'eve@example.com', notify: false })
  await alice.post(`${path}/invitations/${invited.body.id}/resend`)
  await alice.post(`${path}/invitations/${invited.body.id}/revoke`)
  await alice.delete(`${path}/members/bob`)
  await joinAs(muster, path, 'carl')
  await muster.user('carl').post(`${path}/leave`, { confirm: 'Acme' })
  await alice.delete(`${path}?confirm=Acme`)
}
