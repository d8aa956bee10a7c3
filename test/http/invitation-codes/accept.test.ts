import t from 'tap'
import { joinAs, startMuster, withInvitation, withOrg } from '../../support/muster.ts'

const muster = await startMuster(t)

const invitation = (draft: object) => withInvitation(muster, draft)

t.test('the invited joins with the role of the invitation, and gets the membership', async (t) => {
  const { alice, org, path, code, one } = await invitation({ email: 'bob@example.com', role: 'accounting' })
  const bob = muster.user('bob')
  const joined = await bob.post(`/invitations/${code}/accept`)
  t.equal(joined.status, 201)
  t.equal(joined.headers.get('location'), `${path}/members/bob`)
  const { joinedAt, ...membership } = joined.body
  t.ok(Math.abs(Date.parse(joinedAt) - Date.now()) < 60_000)
  t.same(membership, {
    orgId: org.id,
    userId: 'bob',
    name: 'Bob',
    email: 'bob@example.com',
    role: 'accounting',
    source: 'invitation',
    version: 1,
    resourceRoles: [],
    leftOut: [],
  })
  t.equal((await bob.get(path)).body.role, 'accounting')
  const { body } = await alice.get(one)
  t.match(body, { status: 'accepted', uses: 1, version: 2 })
  t.equal(body.acceptedAt, joinedAt)
})

t.test('accepting again is answered with the same membership, and changes nothing', async (t) => {
  const { alice, code, one, id } = await invitation({ email: 'bob@example.com' })
  const bob = muster.user('bob')
  const first = await bob.post(`/invitations/${code}/accept`)
  const before = (await alice.get(one)).body
  for (const key of [code, code.toLowerCase(), id]) {
    const again = await bob.post(`/invitations/${key}/accept`)
    t.equal(again.status, 200)
    t.same(again.body, first.body)
  }
  t.same((await alice.get(one)).body, before)
})

t.test('whoever joined by an open code is answered 200 when it is used up, revoked or over', async (t) => {
  for (const end of ['used', 'revoked', 'expired']) {
    const { alice, code, one, id } = await invitation({ maxUses: 2 })
    const bob = muster.user('bob')
    const first = await bob.post(`/invitations/${code}/accept`)
    if (end === 'used') await muster.user('carol').post(`/invitations/${code}/accept`)
    if (end === 'revoked') await alice.post(`${one}/revoke`)
    if (end === 'expired') await lapse(id)
    const again = await bob.post(`/invitations/${code}/accept`)
    t.equal(again.status, 200, end)
    t.same(again.body, first.body)
  }
})

t.test('an open code lets in as many as it says, whoever they are, and then nobody', async (t) => {
  const { alice, code, one } = await invitation({ maxUses: 3, role: 'accounting' })
  for (const [uses, claims] of [{}, { email_verified: false }, { email: undefined }].entries()) {
    const user = muster.user(`user-${uses}`, claims)
    t.match(await user.post(`/invitations/${code}/accept`), { status: 201, body: { role: 'accounting' } })
    t.match((await alice.get(one)).body, { uses: uses + 1, status: uses === 2 ? 'accepted' : 'pending' })
  }
  t.match(await muster.user('late').post(`/invitations/${code}/accept`), {
    status: 410,
    body: { code: 'invitation_used' },
  })
})

t.test('a removed member comes back by a new invitation', async (t) => {
  const { alice, path, code } = await invitation({ email: 'bob@example.com' })
  const bob = muster.user('bob')
  await bob.post(`/invitations/${code}/accept`)
  await alice.delete(`${path}/members/bob`)
  await joinAs(muster, path, 'bob', 'accounting')
  t.equal((await bob.get(path)).body.role, 'accounting')
})

t.test('with its id from the bell an invitation is accepted by the verified addressee alone', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { email: 'bob@example.com' })
  const { body: open } = await alice.post(`${path}/invitations`, {})
  for (const [caller, id] of [
    [muster.user('bob', { email_verified: false }), body.id],
    [muster.user('mallory'), body.id],
    [muster.user('bob', { email: undefined }), body.id],
    [alice, body.id],
    [muster.user('bob'), open.id],
  ] as const)
    t.match(await caller.post(`/invitations/${id}/accept`), {
      status: 404,
      body: { code: 'invitation_not_found' },
    })
  const bob = muster.user('bob')
  const [{ id }] = (await bob.get('/invitations')).body.data.filter(
    (each: { id: string }) => each.id === body.id,
  )
  t.match(await bob.post(`/invitations/${id}/accept`), { status: 201, body: { userId: 'bob' } })
})

t.test(
  'whoever was never seen before can accept, and gets an organisation of their own at sign-in',
  async (t) => {
    const { org, code } = await invitation({ email: 'newcomer@example.com' })
    const newcomer = muster.user('newcomer')
    t.equal((await newcomer.post(`/invitations/${code}/accept`)).status, 201)
    const { status, body } = await newcomer.put('/me')
    t.equal(status, 201)
    t.match(body.orgs, [
      { id: org.id, role: 'member' },
      { name: "Newcomer's organisation", role: 'admin' },
    ])
  },
)

async function lapse(id: string): Promise<void> {
  await muster.db.pool.query("update invitations set expires_at = now() - interval '1 ms' where id = $1", [
    id,
  ])
}
