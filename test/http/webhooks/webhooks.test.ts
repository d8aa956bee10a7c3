import t from 'tap'
import { EVENT_TYPES } from '../../../src/domain/events/event.ts'
import { relayEvents } from '../../../src/jobs/feed/relay.ts'
import { purge } from '../../../src/jobs/purge/purge.ts'
import { claimDue } from '../../../src/jobs/webhooks/queries/attempts.ts'
import { dump } from '../../support/dump.ts'
import { type Reply, startMuster } from '../../support/muster.ts'

const muster = await startMuster(t)
const backend = muster.service('muster:write')
const reader = muster.service('muster:read')
const url = 'https://hooks.example.com/muster?token=of-theirs'

t.test('a webhook is made with a secret of 32 bytes, and is enabled', async (t) => {
  const made = await backend.post('/webhooks', { url, types: ['member.added'], description: 'Ours' })
  const { secret, ...webhook } = made.body
  t.equal(made.status, 201)
  t.equal(made.headers.get('location'), `/webhooks/${webhook.id}`)
  t.equal(made.headers.get('etag'), '"1"')
  t.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
  t.equal(Buffer.from(secret.slice(6), 'base64').length, 32)
  t.match(webhook, { url, types: ['member.added'], description: 'Ours', version: 1 })
  t.match(webhook, { status: 'enabled', disabledReason: null, failingSince: null })

  const read = await backend.get(`/webhooks/${webhook.id}`)
  t.same(read.body, webhook)
  t.equal(read.headers.get('etag'), '"1"')
  t.same((await backend.get('/webhooks')).body.data, [webhook])
})

t.test('each has a secret of its own', async (t) => {
  const secrets = new Set<string>()
  for (let n = 0; n < 5; n++) secrets.add((await make()).secret)
  t.equal(secrets.size, 5)
})

t.test('a secret is told once: no other answer has it, and no event', async (t) => {
  const { id, secret } = await make({ description: 'x' })
  const rotated = await backend.post(`/webhooks/${id}/rotate-secret`)
  t.match(rotated.body.secret, /^whsec_/)
  t.not(rotated.body.secret, secret)
  const told: Reply[] = []
  for (const path of ['', `/${id}`, `/${id}/deliveries`]) told.push(await backend.get(`/webhooks${path}`))
  told.push(await backend.patch(`/webhooks/${id}`, { description: 'y' }))
  told.push(await backend.patch(`/webhooks/${id}`, {}))
  told.push(await backend.post(`/webhooks/${id}/test`))
  await place()
  told.push(await reader.get('/events?limit=100'))
  told.push(await backend.delete(`/webhooks/${id}`))
  const text = JSON.stringify(told.map(({ body, headers }) => [body, [...headers]]))
  t.match(told, Array(8).fill({ status: /^20[014]$/ }))
  t.notMatch(text, /whsec|secret"/)
  for (const one of [secret, rotated.body.secret]) t.notOk(text.includes(one.slice(6)))
})

t.test('it wants all events, or those of its types', async (t) => {
  t.equal((await make()).types, null)
  t.equal((await make({ types: null })).types, null)
  t.same((await make({ types: EVENT_TYPES })).types, EVENT_TYPES)
  const { id } = await make({ types: ['org.created'] })
  const change = async (body: object) => (await backend.patch(`/webhooks/${id}`, body)).body.types
  t.same(await change({ types: ['member.left', 'member.added'] }), ['member.left', 'member.added'])
  t.same(await change({ description: 'untouched' }), ['member.left', 'member.added'])
  t.equal(await change({ types: null }), null)
})

t.test('a list of types that is none is refused', async (t) => {
  const { id } = await make({ types: ['org.created'] })
  const before = await dump(muster.db)
  for (const types of [[], ['org.create'], ['*'], ['org.created', 'org.created'], [null], 'org.created', {}])
    for (const reply of [
      await backend.post('/webhooks', { url, types }),
      await backend.patch(`/webhooks/${id}`, { types }),
    ]) {
      t.match(reply, { status: 400, body: { code: 'invalid_request' } }, JSON.stringify(types))
      t.match(reply.body.errors[0].pointer, /^\/types/)
    }
  t.same(await dump(muster.db), before)
})

t.test('what is not of a webhook is refused', async (t) => {
  const { id } = await make()
  const before = await dump(muster.db)
  const wrong = [
    { description: 'x'.repeat(201) },
    { description: 'a\nb' },
    { description: 1 },
    { secret: 'mine' },
  ]
  for (const body of [{}, { url: 1 }, { url: null }, ...wrong.map((more) => ({ url, ...more }))])
    t.match(await backend.post('/webhooks', body), { status: 400 }, JSON.stringify(body))
  for (const body of [...wrong, { status: 'paused' }, { disabledReason: null }, { version: 7 }])
    t.match(await backend.patch(`/webhooks/${id}`, body), { status: 400 }, JSON.stringify(body))
  t.same(await dump(muster.db), before)
})

t.test('it is disabled and enabled again, each time with a new version', async (t) => {
  const { id } = await make()
  const set = (body: object) => backend.patch(`/webhooks/${id}`, body)
  const off = { status: 'disabled', disabledReason: 'requested', version: 2 }
  t.match(await set({ status: 'disabled' }), { status: 200, body: off })
  for (const path of ['test', 'rotate-secret']) {
    const { status, body } = await backend.post(`/webhooks/${id}/${path}`)
    t.match(
      { status, code: body.code },
      path === 'test' ? { status: 409, code: 'webhook_disabled' } : { status: 200 },
    )
  }
  t.match(await set({ status: 'enabled' }), { body: { status: 'enabled', disabledReason: null, version: 4 } })
  t.equal((await backend.post(`/webhooks/${id}/test`)).status, 201)
})

t.test('a change of nothing changes nothing', async (t) => {
  const { id } = await make()
  const before = await dump(muster.db)
  t.match(await backend.patch(`/webhooks/${id}`, {}), { status: 200, body: { version: 1 } })
  t.same(await dump(muster.db), before)
})

t.test('what is done to a webhook is in the feed, without its URL, description or secret', async (t) => {
  const { id } = await make({ types: ['member.added'], description: 'between us' })
  await backend.patch(`/webhooks/${id}`, { url: `${url}2`, description: 'still' })
  await backend.patch(`/webhooks/${id}`, { status: 'disabled' })
  await backend.patch(`/webhooks/${id}`, { status: 'enabled' })
  await backend.post(`/webhooks/${id}/rotate-secret`)
  await backend.post(`/webhooks/${id}/test`)
  await backend.delete(`/webhooks/${id}`)
  const events = (await feed()).filter(({ subject }) => subject.id === id)
  t.same(
    events.map(({ type, data }) => [type, data]),
    [
      ['webhook.created', { types: ['member.added'] }],
      ['webhook.updated', { changed: ['url', 'description'] }],
      ['webhook.updated', { changed: ['status'] }],
      ['webhook.updated', { changed: ['status'] }],
      ['webhook.secret_rotated', {}],
      ['webhook.test', {}],
      ['webhook.deleted', {}],
    ],
  )
  for (const event of events)
    t.match(event, {
      orgId: null,
      sequence: null,
      actor: { type: 'service', userId: 'backend' },
      subject: { type: 'webhook' },
    })
  t.notMatch(JSON.stringify(events), /hooks\.example|of-theirs|between us/)
})

t.test(
  "a webhook goes with its secrets at once, and its deliveries are nobody's and go by their age",
  async (t) => {
    await place()
    const { id } = await make()
    const rows = async () => {
      const { rows } = await muster.db.pool.query<{ deliveries: number; secrets: number }>(
        `select (select count(*)::int from deliveries where webhook_id = $1) as deliveries,
        (select count(*)::int from webhook_secrets where webhook_id = $1) as secrets`,
        [id],
      )
      return rows[0]
    }
    await backend.post(`/webhooks/${id}/rotate-secret`)
    await backend.post(`/webhooks/${id}/test`)
    await backend.post(`/webhooks/${id}/test`)
    await place()
    // Its own making and its new secret, which it wants to hear of, and two tests.
    t.same(await rows(), { deliveries: 4, secrets: 2 })
    t.equal((await backend.delete(`/webhooks/${id}`)).status, 204)
    t.same(await rows(), { deliveries: 4, secrets: 0 })
    t.equal((await backend.get(`/webhooks/${id}/deliveries`)).status, 404)
    t.notOk((await claimDue(muster.db.sql, 4, new Map())).some(({ webhookId }) => webhookId === id))
    await muster.db.pool.query(
      "update deliveries set created_at = now() - interval '31 days' where webhook_id = $1",
      [id],
    )
    await purge(muster.db, null)
    t.same(await rows(), { deliveries: 0, secrets: 0 })
  },
)

async function make(more: object = {}): Promise<Reply['body']> {
  const { status, body } = await backend.post('/webhooks', { url, ...more })
  if (status !== 201) throw new Error(JSON.stringify(body))
  return body
}

async function place(): Promise<void> {
  while ((await relayEvents(muster.db)) > 0);
}

async function feed(): Promise<Reply['body'][]> {
  await place()
  const events: Reply['body'][] = []
  for (let cursor = ''; ; ) {
    const { body } = await reader.get(`/events?limit=100${cursor}`)
    if (body.data.length === 0) return events
    events.push(...body.data)
    cursor = `&cursor=${body.next}`
  }
}
