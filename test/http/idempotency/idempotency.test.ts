import { randomUUID } from 'node:crypto'
import t from 'tap'
import { dump } from '../../support/dump.ts'
import { type Caller, startMuster, withOrg } from '../../support/muster.ts'
import { callOf, furnish, operationsOf, type Place, send } from '../../support/operations.ts'

const muster = await startMuster(t)
const key = (value: string = randomUUID()) => ({ 'idempotency-key': value })

interface Post {
  readonly by: (place: Place) => Caller
  /** Another body that would be right; where there is none, the operation takes no body. */
  readonly other?: object
}

// Each POST of the contract.
const POSTS: Record<string, Post> = {
  createOrg: { by: ({ admin }) => admin, other: { name: 'Gamma' } },
  restoreOrg: { by: ({ service }) => service },
  leaveOrg: { by: ({ member }) => member, other: { confirm: 'Other' } },
  transferOrg: { by: ({ admin }) => admin, other: { toUserId: 'carl', then: 'leave' } },
  invite: { by: ({ admin }) => admin, other: { email: 'erin@example.com' } },
  inviteBatch: { by: ({ admin }) => admin, other: { invitations: [{}] } },
  revokeInvitation: { by: ({ admin }) => admin },
  resendInvitation: { by: ({ admin }) => admin },
  createResource: { by: ({ admin }) => admin, other: { type: 'project', name: 'Icons' } },
  createWebhook: { by: ({ service }) => service, other: { url: 'https://other.example.com/' } },
  rotateSecret: { by: ({ service }) => service },
  sendTestEvent: { by: ({ service }) => service },
  redeliver: { by: ({ service }) => service },
  acceptInvitation: { by: ({ invited }) => invited },
  declineInvitation: { by: ({ invited }) => invited, other: { reason: 'Another time' } },
}

// It changes nothing, and a kept verdict would outlive the right.
const CHANGES_NOTHING = ['checkAccess']

t.test('every POST that changes something takes an Idempotency-Key, and nothing else does', async (t) => {
  const operations = await operationsOf(muster)
  const posts = operations
    .filter(({ method, operationId }) => method === 'post' && !CHANGES_NOTHING.includes(operationId))
    .map(({ operationId }) => operationId)
  const taking = operations.filter(({ parameters }) => parameters.includes('Idempotency-Key'))
  t.same(posts.sort(), Object.keys(POSTS).sort())
  t.same(taking.map(({ operationId }) => operationId).sort(), Object.keys(POSTS).sort())
})

for (const [operationId, { by, other }] of Object.entries(POSTS))
  t.test(`${operationId} again with the same key gives the first answer, and changes nothing`, async (t) => {
    const place = await furnish(muster)
    if (operationId === 'restoreOrg') await place.admin.delete(`${place.path}?confirm=Acme`)
    const call = callOf(operationId, place)
    const headers = key()

    const first = await send(by(place), call, headers)
    t.match(first.status, /^20[014]$/)
    t.equal(first.headers.get('idempotency-replayed'), null)

    const before = await dump(muster.db)
    for (let n = 0; n < 2; n++) {
      const again = await send(by(place), call, headers)
      t.equal(again.status, first.status)
      t.same(again.body, first.body)
      for (const name of ['content-type', 'etag', 'location', 'cache-control'])
        t.equal(again.headers.get(name), first.headers.get(name), name)
      t.equal(again.headers.get('idempotency-replayed'), 'true')
    }
    if (other)
      t.match(await send(by(place), { ...call, body: other }, headers), {
        status: 422,
        body: { code: 'idempotency_key_reused' },
      })
    t.same(await dump(muster.db), before)
  })

t.test('an invitation’s code is in the replay, letter by letter', async (t) => {
  const { alice, path } = await withOrg(muster)
  const headers = key()
  const first = await alice.post(`${path}/invitations`, { email: 'nina@example.com', notify: false }, headers)
  const again = await alice.post(`${path}/invitations`, { email: 'nina@example.com', notify: false }, headers)
  t.match(again.body.code, /^([0-9A-Z]{4}-){5}[0-9A-Z]{4}$/)
  t.equal(again.body.code, first.body.code)
  t.equal((await muster.user('nina').post(`/invitations/${again.body.code}/accept`)).status, 201)
})

t.test('the same key of another caller, or to another path, is another key', async (t) => {
  const { admin, accounting, path } = await furnish(muster)
  const headers = key()
  const post = (caller: Caller) => caller.post('/orgs', { name: 'Own' }, headers)
  const impostor = muster.user('backend')
  const backend = muster.service('muster:write')
  const replies = [await post(admin), await post(accounting), await post(impostor)]
  t.equal(new Set(replies.map(({ body }) => body.id)).size, 3)
  t.equal((await backend.post('/orgs', { name: 'Own', adminUserId: 'alice' }, headers)).status, 201)
  const invited = await admin.post(`${path}/invitations`, { email: 'x@example.com' }, headers)
  t.equal(invited.status, 201)
  t.equal((await admin.post(`${path}/invitations/${invited.body.id}/resend`, undefined, headers)).status, 200)
  t.equal((await admin.post(`${path}/invitations/${invited.body.id}/revoke`, undefined, headers)).status, 200)
})

t.test('another body is refused whatever is other about it', async (t) => {
  const user = muster.user('fay')
  const headers = key()
  const body = { name: 'Acme', metadata: { a: [1, 2] } }
  t.equal((await user.post('/orgs', body, headers)).status, 201)
  for (const other of [
    { ...body, name: 'acme' },
    { name: 'Acme' },
    { ...body, metadata: { a: [2, 1] } },
    { ...body, metadata: { a: ['1', '2'] } },
  ])
    t.match(await user.post('/orgs', other, headers), {
      status: 422,
      body: { code: 'idempotency_key_reused' },
    })
  t.equal((await user.get('/orgs')).body.data.length, 1)
})

t.test('keys are compared to the letter', async (t) => {
  const user = muster.user('gus')
  const ids = new Set<string>()
  for (const value of ['key', 'KEY', 'key 2', '"key"', 'key,key', 'k'.repeat(255)])
    ids.add((await user.post('/orgs', { name: 'G' }, key(value))).body.id)
  t.equal(ids.size, 6)
})

t.test('a key has 1 to 255 printable characters', async (t) => {
  const user = muster.user('hal')
  for (const value of ['', 'k'.repeat(256), 'a\tb', 'clé', 'a\u00a0b', '\u0080'])
    t.match(
      await user.post('/orgs', { name: 'H' }, key(value)),
      { status: 400, body: { code: 'invalid_request', errors: [{ parameter: 'idempotency-key' }] } },
      JSON.stringify(value),
    )
  t.same((await user.get('/orgs')).body.data, [])
})

t.test('a refused call is not kept: once it is right, it takes effect under the same key', async (t) => {
  const { alice, path } = await withOrg(muster)
  await alice.patch(path, { slug: 'wanted' })
  const ivy = muster.user('ivy')
  const headers = key()
  const post = (body: object) => ivy.post('/orgs', body, headers)
  t.equal((await post({ name: 'Ivy', slug: 'wanted' })).status, 409)
  t.equal((await post({ name: '' })).status, 400)
  t.equal((await post({ name: 'Ivy', externalId: 'x' })).status, 403)
  await alice.patch(path, { slug: null })
  const made = await post({ name: 'Ivy', slug: 'wanted' })
  t.equal(made.status, 201)
  t.equal(made.headers.get('idempotency-replayed'), null)
})

t.test('a call under a key takes only who may make it, each time', async (t) => {
  const headers = key()
  t.equal((await muster.user('jo').post('/orgs', { name: 'Jo' }, headers)).status, 201)
  t.equal((await muster.stranger.post('/orgs', { name: 'Jo' }, headers)).status, 401)
  const expired = muster.user('jo', { exp: Math.floor(Date.now() / 1000) - 60 })
  t.equal((await expired.post('/orgs', { name: 'Jo' }, headers)).status, 401)
})
