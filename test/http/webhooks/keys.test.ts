import { randomUUID } from 'node:crypto'
import t from 'tap'
import { dump } from '../../support/dump.ts'
import { startMuster } from '../../support/muster.ts'

const url = 'https://hooks.example.com/'
const key = () => ({ 'idempotency-key': randomUUID() })

const muster = await startMuster(t)
const backend = muster.service('muster:write')

t.test('what is sent again under its key is answered alike, secret and all, and done once', async (t) => {
  const { body: webhook } = await backend.post('/webhooks', { url })
  const { body: delivery } = await backend.post(`/webhooks/${webhook.id}/test`)
  const calls: [path: string, body?: object][] = [
    ['/webhooks', { url, types: ['org.created'] }],
    [`/webhooks/${webhook.id}/rotate-secret`],
    [`/webhooks/${webhook.id}/test`],
    [`/webhooks/${webhook.id}/deliveries/${delivery.id}/redeliver`],
  ]
  for (const [path, body] of calls) {
    const headers = key()
    const first = await backend.post(path, body, headers)
    const before = await dump(muster.db)
    t.match(first.status, /^20[01]$/, path)
    for (let n = 0; n < 2; n++) {
      const again = await backend.post(path, body, headers)
      t.same(again.body, first.body)
      t.equal(again.status, first.status)
      for (const name of ['etag', 'location']) t.equal(again.headers.get(name), first.headers.get(name))
      t.equal(again.headers.get('idempotency-replayed'), 'true')
    }
    t.same(await dump(muster.db), before)
    const reused = await backend.post(path, { ...body, url: `${url}other` }, headers)
    t.match(reused, { status: body ? 422 : 400 })
    t.not((await backend.post(path, body, key())).body.id, path.endsWith('secret') ? '' : first.body.id)
  }
})

t.test('two at once under one key make one webhook, with one secret', async (t) => {
  for (let round = 0; round < 10; round++) {
    const headers = key()
    const body = { url, description: `round ${round}` }
    const replies = await Promise.all(
      Array.from({ length: 4 }, () => backend.post('/webhooks', body, headers)),
    )
    const secrets = replies.filter(({ status }) => status === 201).map(({ body }) => body.secret)
    t.ok(secrets.length > 0)
    t.equal(new Set(secrets).size, 1)
    t.ok(replies.every(({ status, body }) => status === 201 || body.code === 'idempotency_in_progress'))
    const made = 'select from webhooks where description = $1'
    t.equal((await muster.db.pool.query(made, [body.description])).rowCount, 1)
  }
})

t.test('a secret is told again only to who could make one', async (t) => {
  const headers = key()
  const body = { url }
  t.equal((await backend.post('/webhooks', body, headers)).status, 201)
  for (const scope of ['muster:read', 'muster:check', ''])
    t.match(await muster.service(scope).post('/webhooks', body, headers), { status: /^40[13]$/ })
  t.notMatch(await muster.user('backend').post('/webhooks', body, headers), { body: { secret: String } })
})

t.test('there are so many webhooks, and no more, however many are made at once', async (t) => {
  const MOST = 5
  const limited = (await startMuster(t, { LIMIT_WEBHOOKS: String(MOST) })).service('muster:write')
  const replies = await Promise.all(Array.from({ length: 12 }, () => limited.post('/webhooks', { url })))
  t.same(replies.map(({ status }) => status).sort(), [
    ...Array(MOST).fill(201),
    ...Array(12 - MOST).fill(409),
  ])
  for (const { status, body } of replies) if (status === 409) t.equal(body.code, 'too_many_webhooks')
  const listed = (await limited.get('/webhooks')).body.data
  t.equal(listed.length, MOST)

  const headers = key()
  t.equal((await limited.post('/webhooks', { url }, headers)).status, 409)
  await limited.patch(`/webhooks/${listed[0].id}`, { status: 'disabled' })
  t.equal((await limited.post('/webhooks', { url }, headers)).status, 409, 'a disabled one counts')
  await limited.delete(`/webhooks/${listed[0].id}`)
  t.equal((await limited.post('/webhooks', { url }, headers)).status, 201, 'there is room again')
  t.equal((await limited.post('/webhooks', { url }, headers)).status, 201, 'this one is there')
})
