import t, { type Test } from 'tap'
import { dump } from '../../support/dump.ts'
import { type Reply, startMuster } from '../../support/muster.ts'

const muster = await startMuster(t)
const backend = muster.service('muster:write')
const reader = muster.service('muster:read')
const NOBODY = '01980f3a-aa10-7c11-8a55-1f2e3d4c5b6a'
const url = 'https://hooks.example.com/'

t.test('If-Match lets through who knows the version, and nobody else', async (t) => {
  const { id } = await make()
  const path = `/webhooks/${id}`
  const with_ = (tag: string) => ({ 'if-match': tag })
  const calls = {
    patch: (tag: string) => backend.patch(path, { description: tag }, with_(tag)),
    rotate: (tag: string) => backend.post(`${path}/rotate-secret`, undefined, with_(tag)),
    delete: (tag: string) => backend.delete(path, with_(tag)),
  }
  const before = await dump(muster.db)
  for (const call of Object.values(calls))
    for (const tag of ['"2"', 'W/"1"', '1', '"x"'])
      t.match(await call(tag), { status: 412, body: { code: 'version_mismatch' } }, tag)
  t.same(await dump(muster.db), before)
  t.equal((await calls.patch('"1"')).headers.get('etag'), '"2"')
  t.equal((await calls.rotate('"2"')).headers.get('etag'), '"3"')
  t.equal((await calls.delete('"2"')).status, 412)
  t.equal((await calls.delete('*')).status, 204)
})

t.test('who asks for one that is not there is told so, each time', async (t) => {
  const { id } = await make()
  const delivery = (await backend.post(`/webhooks/${id}/test`)).body
  const other = (await make()).id
  const gone = (await make()).id
  await backend.delete(`/webhooks/${gone}`)
  for (const missing of [NOBODY, gone]) {
    const path = `/webhooks/${missing}`
    const replies = [
      await backend.get(path),
      await backend.patch(path, { description: 'x' }),
      await backend.delete(path),
      await backend.get(`${path}/deliveries`),
      await backend.post(`${path}/rotate-secret`),
      await backend.post(`${path}/test`),
      await backend.post(`${path}/deliveries/${delivery.id}/redeliver`),
    ]
    t.match(replies, Array(7).fill({ status: 404, body: { code: 'webhook_not_found' } }))
  }
  for (const path of [`${id}/deliveries/${NOBODY}`, `${other}/deliveries/${delivery.id}`])
    t.match(await backend.post(`/webhooks/${path}/redeliver`), {
      status: 404,
      body: { code: 'delivery_not_found' },
    })
  t.equal((await backend.get('/webhooks/nonsense')).status, 400)
})

t.test('webhooks are for services: one that reads, one that writes', async (t) => {
  const { id } = await make()
  const delivery = (await backend.post(`/webhooks/${id}/test`)).body
  const path = `/webhooks/${id}`
  const writes = (caller: typeof backend) => [
    caller.post('/webhooks', { url }),
    caller.patch(path, { description: 'mine' }),
    caller.delete(path),
    caller.post(`${path}/rotate-secret`),
    caller.post(`${path}/test`),
    caller.post(`${path}/deliveries/${delivery.id}/redeliver`),
  ]
  const reads = (caller: typeof backend) =>
    ['/webhooks', path, `${path}/deliveries`].map((at) => caller.get(at))
  const before = await dump(muster.db)
  await allAnswer(t, reads(reader), 200)
  await allAnswer(t, writes(reader), 403)
  for (const caller of [muster.user('alice'), muster.service('muster:check')])
    await allAnswer(t, [...reads(caller), ...writes(caller)], 403)
  await allAnswer(t, [...reads(muster.stranger), ...writes(muster.stranger)], 401)
  t.same(await dump(muster.db), before)
})

async function allAnswer(t: Test, replies: Promise<Reply>[], status: number): Promise<void> {
  t.same(
    (await Promise.all(replies)).map((reply) => reply.status),
    replies.map(() => status),
  )
}

async function make(): Promise<Reply['body']> {
  const { status, body } = await backend.post('/webhooks', { url })
  if (status !== 201) throw new Error(JSON.stringify(body))
  return body
}
