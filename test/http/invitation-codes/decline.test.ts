import t from 'tap'
import { startMuster, withInvitation } from '../../support/muster.ts'

const muster = await startMuster(t)
const bob = muster.user('bob')

const invitation = (draft: object = { email: 'bob@example.com' }) => withInvitation(muster, draft)

t.test('the invited says no, by the code or by the id of the bell', async (t) => {
  for (const by of ['code', 'id'] as const) {
    const { alice, org, one, ...keys } = await invitation()
    const declined = await bob.post(`/invitations/${keys[by]}/decline`, {
      reason: 'I have left the company.',
    })
    t.match(declined, { status: 200, body: { id: keys.id, orgId: org.id, status: 'declined' } })
    const { body } = await alice.get(one)
    t.match(body, {
      status: 'declined',
      declinedAt: declined.body.declinedAt,
      acceptedAt: null,
      uses: 0,
      version: 2,
    })
    t.ok(Math.abs(Date.parse(body.declinedAt) - Date.now()) < 60_000)
  }
})

t.test('saying no again is no error, and changes nothing', async (t) => {
  const { alice, code, one } = await invitation()
  const first = await bob.post(`/invitations/${code}/decline`, {})
  const before = (await alice.get(one)).body
  const again = await bob.post(`/invitations/${code}/decline`, { reason: 'As I said.' })
  t.equal(again.status, 200)
  t.same(again.body, first.body)
  t.same((await alice.get(one)).body, before)
})

t.test('nobody joins by a declined invitation', async (t) => {
  const { path, code } = await invitation()
  await bob.post(`/invitations/${code}/decline`, {})
  t.match(await bob.post(`/invitations/${code}/accept`), {
    status: 410,
    body: { code: 'invitation_declined' },
  })
  t.equal((await bob.get(path)).status, 404)
})

t.test('only the addressed person, with a verified address, may decline', async (t) => {
  const { alice, code, one } = await invitation()
  for (const [caller, status, refusal] of [
    [muster.user('mallory'), 403, 'email_mismatch'],
    [alice, 403, 'email_mismatch'],
    [muster.user('bob', { email_verified: false }), 403, 'email_unverified'],
    [muster.user('bob', { email: undefined }), 403, 'email_unverified'],
    [muster.service('muster:write'), 403, 'forbidden'],
    [muster.stranger, 401, 'unauthenticated'],
  ] as const)
    t.match(await caller.post(`/invitations/${code}/decline`, {}), { status, body: { code: refusal } })
  t.match((await alice.get(one)).body, { status: 'pending', version: 1 })
})

t.test('an open code is addressed to nobody, and so nobody can decline it', async (t) => {
  const { alice, code, one } = await invitation({ maxUses: 5, allowedEmailDomains: ['example.com'] })
  t.match(await bob.post(`/invitations/${code}/decline`, {}), {
    status: 409,
    body: { code: 'not_addressed' },
  })
  t.match((await alice.get(one)).body, { status: 'pending', version: 1 })
})

t.test('what is over cannot be declined: it says why', async (t) => {
  const accepted = await invitation()
  await bob.post(`/invitations/${accepted.code}/accept`)
  const revoked = await invitation()
  await revoked.alice.post(`${revoked.one}/revoke`)
  const expired = await invitation()
  await muster.db.pool.query('update invitations set expires_at = now() where id = $1', [expired.id])
  for (const [code, { code: held, alice, one }] of Object.entries({
    invitation_used: accepted,
    invitation_revoked: revoked,
    invitation_expired: expired,
  })) {
    const before = (await alice.get(one)).body
    t.match(await bob.post(`/invitations/${held}/decline`, {}), { status: 410, body: { code } })
    t.same((await alice.get(one)).body, before)
  }
})

t.test('a reason is up to 500 characters, and nothing else is taken', async (t) => {
  const { code } = await invitation()
  for (const body of [{ reason: 'x'.repeat(501) }, { reason: 'nul\0' }, { reason: null }, { why: 'x' }])
    t.match(await bob.post(`/invitations/${code}/decline`, body), {
      status: 400,
      body: { code: 'invalid_request' },
    })
  t.equal((await bob.post(`/invitations/${code}/decline`, { reason: 'ü\n'.repeat(250) })).status, 200)
})

t.test('whoever declines needs to give no reason, and no body', async (t) => {
  const { code } = await invitation()
  t.equal((await bob.post(`/invitations/${code}/decline`)).status, 200)
})
