import t from 'tap'
import { type Caller, startMuster } from '../../support/muster.ts'

const url = 'https://hooks.example.com/'

const muster = await startMuster(t)
const backend = muster.service('muster:write')

t.test('webhooks are listed in the order they were made, page by page', async (t) => {
  const ids: string[] = []
  for (let n = 0; n < 5; n++) ids.push((await backend.post('/webhooks', { url: `${url}${n}` })).body.id)
  t.same(await pages(backend, '/webhooks?limit=2'), [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)])
})

t.test('deliveries are listed the newest first, page by page, all or those of a status', async (t) => {
  const { id } = (await backend.post('/webhooks', { url, types: ['org.created'] })).body
  const ids: string[] = []
  for (let n = 0; n < 5; n++) ids.unshift((await backend.post(`/webhooks/${id}/test`)).body.id)
  await muster.db.pool.query(
    "update deliveries set status = 'succeeded', next_attempt_at = null where id = any($1)",
    [[ids[1], ids[3]]],
  )
  const path = `/webhooks/${id}/deliveries`
  t.same(await pages(backend, `${path}?limit=2`), [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)])
  t.same(await pages(backend, `${path}?limit=1&status=succeeded`), [[ids[1]], [ids[3]]])
  t.same(await pages(backend, `${path}?status=failed`), [[]])
  t.equal((await backend.get(`${path}?status=lost`)).status, 400)
  const { next } = (await backend.get(`${path}?limit=1&status=succeeded`)).body
  for (const other of [`${path}?status=pending`, path, '/webhooks'])
    t.match(
      await backend.get(`${other}${other.includes('?') ? '&' : '?'}cursor=${next}`),
      { status: 400, body: { code: 'invalid_cursor' } },
      other,
    )
})

async function pages(caller: Caller, path: string): Promise<string[][]> {
  const read: string[][] = []
  for (let cursor: string | null = ''; cursor !== null && read.length < 10; ) {
    const { body } = await caller.get(path + (cursor && `&cursor=${cursor}`))
    read.push(body.data.map(({ id }: { id: string }) => id))
    cursor = body.next
  }
  return read
}
