import t from 'tap'
import { joinAs, startMuster, withOrg } from '../../support/muster.ts'

const muster = await startMuster(t)
const backend = muster.service('muster:read')

t.test('an export holds all that is kept of a person, and of others ids alone', async (t) => {
  const { alice, org, path } = await withOrg(muster)
  const { body: workspace } = await alice.post(`${path}/resources`, { type: 'workspace', name: 'Design' })
  const bob = await joinAs(muster, path, 'bob', 'admin')
  await alice.put(`${path}/resources/${workspace.id}/members/bob`, { role: 'accounting' })
  await bob.put('/me')
  await bob.post(`${path}/invitations`, { email: 'carol@example.com', message: 'Hi Carol' })
  const other = await withOrg(muster, 'Other')
  await other.alice.post(`${other.path}/invitations`, { email: 'bob@example.com', message: 'Hi Bob' })

  const { status, body } = await backend.get('/users/bob/export')
  t.equal(status, 200)
  t.match(body.user, {
    ...{ id: 'bob', email: 'bob@example.com', emailVerified: true, name: 'Bob' },
    ...{ signedUpAt: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/, createdAt: /Z$/ },
  })
  t.match(body.memberships, [
    { orgId: org.id, orgName: 'Acme', orgDeleted: false, role: 'admin', source: 'invitation' },
    { orgName: "Bob's organisation", role: 'admin', source: 'created' },
  ])
  t.match(body.grants, [{ resourceId: workspace.id, resourceName: 'Design', role: 'accounting' }])
  t.match(body.invitationsReceived, [
    { orgName: 'Acme', email: 'bob@example.com', status: 'accepted' },
    { orgName: 'Other', status: 'pending', message: 'Hi Bob' },
  ])
  t.match(body.invitationsSent, [{ orgId: org.id, role: 'member', message: 'Hi Carol' }])
  t.same(
    body.events.map(({ type }: { type: string }) => type),
    [
      'invitation.created',
      'member.added',
      'org.created',
      'grant.added',
      'member.added',
      'invitation.accepted',
    ],
  )
  t.equal(body.moreEvents, false)
  t.notMatch(JSON.stringify(body), /carol@|"Alice"/)
})

t.test('nobody has an export', async (t) => {
  t.match(await backend.get('/users/nobody/export'), { status: 404, body: { code: 'user_not_found' } })
})

t.test('the same person, erased, has none any more', async (t) => {
  const zoe = muster.user('zoe')
  await zoe.put('/me')
  const { orgs } = (await zoe.get('/me')).body
  await zoe.delete(`/orgs/${orgs[0].id}?confirm=${encodeURIComponent(orgs[0].name)}`)
  t.match((await backend.get('/users/zoe/export')).body.memberships, [{ orgDeleted: true }])
  await muster.service('muster:write').delete('/users/zoe')
  t.equal((await backend.get('/users/zoe/export')).status, 404)
})
