import t from 'tap'
import { joinAs, startMuster, withOrg } from '../../support/muster.ts'

const CODE = /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){5}$/
const UUID_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const A_DAY = 24 * 60 * 60 * 1000

const muster = await startMuster(t)
const backend = muster.service('muster:write')

t.test('an Admin invites an address: the mail carries the secret, the answer does not', async (t) => {
  const { alice, org, path } = await withOrg(muster)
  const invited = await alice.post(`${path}/invitations`, {
    email: 'bob@example.com',
    role: 'accounting',
    message: 'Welcome!',
    metadata: { team: 'blue' },
  })
  t.equal(invited.status, 201)
  t.equal(invited.headers.get('location'), `${path}/invitations/${invited.body.id}`)
  t.equal(invited.headers.get('etag'), '"1"')
  const { id, createdAt, expiresAt, ...rest } = invited.body
  t.match(id, UUID_7)
  t.equal(Date.parse(expiresAt) - Date.parse(createdAt), 7 * A_DAY)
  t.same(rest, {
    orgId: org.id,
    email: 'bob@example.com',
    role: 'accounting',
    resourceRoles: [],
    status: 'pending',
    maxUses: 1,
    uses: 0,
    allowedEmailDomains: [],
    message: 'Welcome!',
    invitedBy: { type: 'user', userId: 'alice', name: 'Alice' },
    delivery: 'queued',
    acceptedAt: null,
    declinedAt: null,
    declineReason: null,
    revokedAt: null,
    lastSentAt: null,
    metadata: { team: 'blue' },
    version: 1,
  })
})

t.test('with `notify: false` no mail goes, and the answer holds the code and its link', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { status, body } = await alice.post(`${path}/invitations`, {
    email: 'bob@example.com',
    notify: false,
  })
  t.equal(status, 201)
  t.match(body, { email: 'bob@example.com', role: 'member', delivery: 'none', code: CODE })
  t.equal(body.acceptUrl, `https://app.example.com/join#code=${body.code}`)
})

t.test('without an address it is an open code, which the answer holds, whatever `notify` says', async (t) => {
  const { alice, path } = await withOrg(muster)
  for (const notify of [undefined, true, false]) {
    const { status, body } = await alice.post(`${path}/invitations`, { maxUses: 1000, notify })
    t.equal(status, 201)
    t.match(body, { email: null, role: 'member', maxUses: 1000, uses: 0, delivery: 'none', code: CODE })
    t.equal(body.acceptUrl, `https://app.example.com/join#code=${body.code}`)
  }
})

t.test('a service invites in its own name', async (t) => {
  const { path } = await withOrg(muster)
  const { status, body } = await backend.post(`${path}/invitations`, { email: 'bob@example.com' })
  t.equal(status, 201)
  t.same(body.invitedBy, { type: 'service', userId: 'backend', name: null })
})

t.test('the secret is given once: no later answer about the invitation holds it', async (t) => {
  const { alice, path } = await withOrg(muster)
  for (const draft of [{ email: 'bob@example.com', notify: false }, {}]) {
    const invited = await alice.post(`${path}/invitations`, draft)
    const one = `${path}/invitations/${invited.body.id}`
    for (const { status, body } of [
      await alice.get(one),
      await alice.get(`${path}/invitations`),
      await alice.patch(one, { expiresInDays: 3 }),
      await alice.get(`/invitations/${invited.body.code}`),
      await muster.user('bob').get('/invitations'),
      await alice.post(`${one}/revoke`),
    ]) {
      t.equal(status, 200)
      const text = JSON.stringify(body).replaceAll('-', '')
      t.notMatch(text, invited.body.code.replaceAll('-', ''))
      t.notMatch(text, /"code"|"acceptUrl"/)
    }
  }
})

t.test('a repeated call with the same Idempotency-Key invites once, and says the code again', async (t) => {
  const { alice, path } = await withOrg(muster)
  const key = { 'idempotency-key': 'invite bob' }
  const draft = { email: 'bob@example.com', notify: false }
  const first = await alice.post(`${path}/invitations`, draft, key)
  const again = await alice.post(`${path}/invitations`, draft, key)
  t.equal(again.status, 201)
  t.equal(again.headers.get('idempotency-replayed'), 'true')
  t.same(again.body, first.body)
  t.equal((await alice.get(`${path}/invitations`)).body.data.length, 1)
})

t.test('one live invitation for an address in an organisation, in whatever spelling', async (t) => {
  const { alice, path } = await withOrg(muster)
  t.equal((await alice.post(`${path}/invitations`, { email: 'Bob@Bücher.example' })).status, 201)
  for (const email of ['Bob@Bücher.example', 'bob@BÜCHER.EXAMPLE', 'BOB@xn--bcher-kva.example']) {
    const again = await alice.post(`${path}/invitations`, { email })
    t.match(again, { status: 409, body: { code: 'already_invited' } })
  }
  const { body } = await alice.get(`${path}/invitations`)
  t.match(body.data, [{ email: 'bob@xn--bcher-kva.example' }])
  t.equal(body.data.length, 1)
})

t.test('an address may be invited into as many organisations as want it', async (t) => {
  for (const name of ['Acme', 'Globex']) {
    const { alice, path } = await withOrg(muster, name)
    t.equal((await alice.post(`${path}/invitations`, { email: 'bob@example.com' })).status, 201)
  }
})

t.test('an invitation that was answered, revoked or has lapsed leaves room for a new one', async (t) => {
  const { alice, path } = await withOrg(muster)
  const bob = muster.user('bob')
  const invite = async () => {
    const { status, body } = await alice.post(`${path}/invitations`, {
      email: 'bob@example.com',
      notify: false,
    })
    t.equal(status, 201)
    return body
  }
  await alice.post(`${path}/invitations/${(await invite()).id}/revoke`)
  await bob.post(`/invitations/${(await invite()).code}/decline`, {})
  await lapse((await invite()).id)
  await bob.post(`/invitations/${(await invite()).code}/accept`)
  await alice.delete(`${path}/members/bob`)
  await invite()
  const { body } = await alice.get(`${path}/invitations`)
  t.same(
    body.data.map(({ status }: { status: string }) => status),
    ['pending', 'accepted', 'expired', 'declined', 'revoked'],
  )
})

t.test('whoever is a member by their verified address is not invited again, in no spelling', async (t) => {
  const { alice, path } = await withOrg(muster)
  await joinAs(muster, path, 'bob')
  for (const email of ['bob@example.com', 'BOB@EXAMPLE.com', 'Alice@Example.Com'])
    t.match(await alice.post(`${path}/invitations`, { email }), {
      status: 409,
      body: { code: 'already_member' },
    })
})

t.test('an address that a member never verified can be invited: it may be somebody else’s', async (t) => {
  const { alice, path } = await withOrg(muster)
  const mallory = muster.user('mallory', { email: 'carol@example.com', email_verified: false })
  const open = await alice.post(`${path}/invitations`, {})
  t.equal((await mallory.post(`/invitations/${open.body.code}/accept`)).status, 201)
  t.equal((await alice.post(`${path}/invitations`, { email: 'carol@example.com' })).status, 201)
})

t.test('an open code never makes an Admin', async (t) => {
  const { alice, path } = await withOrg(muster)
  for (const caller of [alice, backend])
    t.match(await caller.post(`${path}/invitations`, { role: 'admin' }), {
      status: 422,
      body: { code: 'role_not_allowed', errors: [{ pointer: '/role' }] },
    })
  t.equal((await alice.post(`${path}/invitations`, { role: 'accounting' })).status, 201)
})

async function lapse(id: string): Promise<void> {
  await muster.db.pool.query("update invitations set expires_at = now() - interval '1 ms' where id = $1", [
    id,
  ])
}
