import t from 'tap'
import { type Caller, joinAs, startMuster, withOrg } from '../../support/muster.ts'

const muster = await startMuster(t)
const ids = (body: { data: { id: string }[] }) => body.data.map(({ id }) => id)

t.test('the invitations of an organisation come newest first, a page at a time, each once', async (t) => {
  const { alice, path } = await withOrg(muster)
  const made: string[] = []
  for (let number = 1; number <= 7; number++)
    made.unshift((await alice.post(`${path}/invitations`, { email: `guest${number}@example.com` })).body.id)

  t.same(await allPages(alice, `${path}/invitations?limit=3`), [
    made.slice(0, 3),
    made.slice(3, 6),
    made.slice(6),
  ])
  t.same(await allPages(alice, `${path}/invitations?limit=7`), [made])
  t.same(await allPages(alice, `${path}/invitations`), [made])
})

t.test('a page goes on where the last one ended, whatever is made meanwhile', async (t) => {
  const { alice, path } = await withOrg(muster)
  const [first, second] = [
    await alice.post(`${path}/invitations`, {}),
    await alice.post(`${path}/invitations`, {}),
  ]
  const page = await alice.get(`${path}/invitations?limit=1`)
  t.same(ids(page.body), [second.body.id])
  await alice.post(`${path}/invitations`, {})
  const next = await alice.get(`${path}/invitations?limit=1&cursor=${page.body.next}`)
  t.same(ids(next.body), [first.body.id])
  t.equal(next.body.next, null)
})

t.test('a list without invitations is an empty page', async (t) => {
  const { alice, path } = await withOrg(muster)
  t.match(await alice.get(`${path}/invitations`), { status: 200, body: { data: [], next: null } })
})

t.test('lists are filtered by status, by role, by address in any spelling, and by all of them', async (t) => {
  const { alice, path } = await withOrg(muster)
  const invite = async (email: string, role = 'member') => {
    const { body } = await alice.post(`${path}/invitations`, { email, role, notify: false })
    return body
  }
  const accepted = await invite('bob@example.com', 'accounting')
  await muster.user('bob').post(`/invitations/${accepted.code}/accept`)
  const declined = await invite('carol@example.com')
  await muster.user('carol').post(`/invitations/${declined.code}/decline`, {})
  const revoked = await invite('dave@bücher.example', 'accounting')
  await alice.post(`${path}/invitations/${revoked.id}/revoke`)
  const expired = await invite('erin@example.com')
  await lapse(expired.id)
  const pending = await invite('dave@bücher.example')

  const found = async (query: string) => ids((await alice.get(`${path}/invitations?${query}`)).body)
  for (const [status, { id }] of Object.entries({ accepted, declined, revoked, expired, pending }))
    t.same(await found(`status=${status}`), [id], status)
  t.same(await found('role=accounting'), [revoked.id, accepted.id])
  t.same(await found('role=admin'), [])
  for (const email of ['dave@bücher.example', 'DAVE@xn--bcher-kva.EXAMPLE'])
    t.same(await found(`email=${encodeURIComponent(email)}`), [pending.id, revoked.id], email)
  t.same(await found('email=nobody@example.com'), [])
  t.same(await found('email=dave'), [], 'the whole address, no part of it')
  t.same(await found(`email=dave@xn--bcher-kva.example&status=revoked&role=accounting`), [revoked.id])
  t.same(await found(`email=dave@xn--bcher-kva.example&status=revoked&role=member`), [])
  t.same(await allPages(alice, `${path}/invitations?role=member&limit=1`), [
    [pending.id],
    [expired.id],
    [declined.id],
  ])
})

t.test('a cursor is good for its own list alone: its organisation, its filters, its caller', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { path: elsewhere } = await withOrg(muster, 'Globex')
  for (let number = 0; number < 2; number++) await alice.post(`${path}/invitations`, {})
  const { next } = (await alice.get(`${path}/invitations?limit=1&status=pending`)).body
  t.type(next, 'string')
  for (const [caller, url] of [
    [alice, `${path}/invitations?`],
    [alice, `${path}/invitations?status=revoked&`],
    [alice, `${path}/invitations?status=pending&role=member&`],
    [alice, `${elsewhere}/invitations?status=pending&`],
    [alice, `/invitations?`],
    [muster.service('muster:read'), `${path}/invitations?status=pending&`],
  ] as const)
    t.match(
      await caller.get(`${url}limit=1&cursor=${next}`),
      { status: 400, body: { code: 'invalid_cursor' } },
      url,
    )
  for (const cursor of ['x', 'bnVsbA', 'W10', `${next}x`.slice(4), '%00'])
    t.equal((await alice.get(`${path}/invitations?status=pending&cursor=${cursor}`)).status, 400, cursor)
})

t.test('what a list does not know is refused, and named', async (t) => {
  const { alice, path } = await withOrg(muster)
  for (const [parameter, query] of [
    ['state', 'state=pending'],
    ['status', 'status=open'],
    ['status', 'status=pending&status=revoked'],
    ['role', 'role=owner'],
    ['limit', 'limit=0'],
    ['limit', 'limit=101'],
    ['limit', 'limit=many'],
    ['email', 'email='],
  ] as const)
    t.match(
      await alice.get(`${path}/invitations?${query}`),
      { status: 400, body: { code: 'invalid_request', errors: [{ parameter }] } },
      query,
    )
})

t.test('one invitation is read with its version as the ETag', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body: made } = await alice.post(`${path}/invitations`, { email: 'bob@example.com' })
  const read = await alice.get(`${path}/invitations/${made.id}`)
  t.equal(read.status, 200)
  t.equal(read.headers.get('etag'), '"1"')
  t.same(read.body, made)
  t.same((await alice.get(`${path}/invitations`)).body.data, [made])
})

t.test('an invitation is found in its own organisation alone', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { path: elsewhere } = await withOrg(muster, 'Globex')
  const { body } = await alice.post(`${path}/invitations`, {})
  for (const url of [
    `${elsewhere}/invitations/${body.id}`,
    `${path}/invitations/01980f3a-8f10-7c11-8a55-1f2e3d4c5b6a`,
  ])
    t.match(await alice.get(url), { status: 404, body: { code: 'invitation_not_found' } })
  t.equal((await alice.get(`${path}/invitations/42`)).status, 400)
})

t.test('one that has lapsed reads as expired from that moment on, and nobody sweeps', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { email: 'bob@example.com' })
  await lapse(body.id)
  t.equal((await alice.get(`${path}/invitations/${body.id}`)).body.status, 'expired')
  t.same(ids((await alice.get(`${path}/invitations?status=pending`)).body), [])
  const { rows } = await muster.db.pool.query('select status from invitations where id = $1', [body.id])
  t.same(rows, [{ status: 'pending' }])
})

t.test('only Admins and services see and change invitations', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { email: 'zoe@example.com' })
  const one = `${path}/invitations/${body.id}`
  const reads = (caller: Caller) => [caller.get(`${path}/invitations`), caller.get(one)]
  const writes = (caller: Caller) => [
    caller.post(`${path}/invitations`, { email: 'new@example.com' }),
    caller.post(`${path}/invitations/batch`, { invitations: [{ email: 'new@example.com' }] }),
    caller.patch(one, { role: 'admin' }),
    caller.post(`${one}/revoke`),
    caller.post(`${one}/resend`),
  ]
  const refused = async (calls: Promise<unknown>[], status: number, code: string) => {
    for (const call of calls) t.match(await call, { status, body: { code } })
  }
  for (const role of ['accounting', 'member']) {
    const member = await joinAs(muster, path, `some-${role}`, role)
    await refused([...reads(member), ...writes(member)], 403, 'forbidden')
  }
  const mallory = muster.user('mallory')
  await refused([...reads(mallory), ...writes(mallory)], 404, 'org_not_found')
  await refused([...reads(muster.stranger), ...writes(muster.stranger)], 401, 'unauthenticated')
  const checker = muster.service('muster:check')
  await refused([...reads(checker), ...writes(checker)], 403, 'forbidden')
  const reader = muster.service('muster:read')
  await refused(writes(reader), 403, 'forbidden')
  for (const read of reads(reader)) t.equal((await read).status, 200)
  t.same((await alice.get(one)).body, body)
  await alice.delete(`${path}?confirm=Acme`)
  await refused([...reads(alice), ...writes(alice), ...reads(reader)], 404, 'org_not_found')
})

async function allPages(caller: Caller, url: string): Promise<string[][]> {
  const pages: string[][] = []
  let next: string | null = null
  do {
    const cursor: string = next === null ? '' : `${url.includes('?') ? '&' : '?'}cursor=${next}`
    const { body } = await caller.get(url + cursor)
    pages.push(ids(body))
    next = body.next
  } while (next !== null)
  return pages
}

async function lapse(id: string): Promise<void> {
  await muster.db.pool.query("update invitations set expires_at = now() - interval '1 ms' where id = $1", [
    id,
  ])
}
