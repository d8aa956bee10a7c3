import t from 'tap'
import { joinAs, startMuster, withOrg } from '../../support/muster.ts'
import { furnish } from '../../support/operations.ts'
import { openLog } from '../../support/recorded.ts'

const muster = await startMuster(t)
const log = await openLog(muster)
const backend = muster.service('muster:write')

/** The types of what was written by it. */
async function typesOf(work: () => Promise<{ readonly status: number }>): Promise<string[]> {
  const look = await log.mark()
  const { status } = await work()
  if (status >= 300) throw new Error(`it was refused: ${status}`)
  return (await look()).map(({ type }) => type)
}

t.test('handing over to who is Admin already changes one role', async (t) => {
  const { alice, path } = await withOrg(muster)
  await joinAs(muster, path, 'bob', 'admin')
  await joinAs(muster, path, 'carl', 'admin')
  const hand = (userId: string, to: string, then: string) => () =>
    muster.user(userId).post(`${path}/transfer`, { toUserId: to, then })
  t.same(await typesOf(hand('alice', 'bob', 'member')), ['member.role_changed'])
  t.same(await typesOf(hand('bob', 'alice', 'leave')), ['member.role_changed', 'member.left'])
  t.same(await typesOf(hand('carl', 'alice', 'leave')), ['member.left'])
  t.same((await alice.get(`${path}/members`)).body.data.length, 1)
})

t.test('accepting gives the membership and each right that came with it', async (t) => {
  const { path, orgId, admin, invited, workspaceId, domainId } = await furnish(muster)
  const resourceRoles = [
    { resourceId: workspaceId, role: 'member' },
    { resourceId: domainId, role: 'admin' },
  ]
  const { body } = await admin.post(`${path}/invitations`, {
    email: 'erin@example.com',
    role: 'accounting',
    resourceRoles,
  })
  const look = await log.mark()
  t.equal((await muster.user('erin').post(`/invitations/${body.id}/accept`)).status, 201)
  const erin = { type: 'user', id: 'erin' }
  t.match(await look(), [
    {
      type: 'invitation.accepted',
      orgId,
      subject: { type: 'invitation', id: body.id },
      data: { email: 'erin@example.com', role: 'accounting', resourceRoles, maxUses: 1, uses: 1 },
    },
    { type: 'member.added', subject: erin, data: { role: 'accounting', source: 'invitation' } },
    ...resourceRoles.map((data) => ({ type: 'grant.added', subject: erin, data })),
  ])

  const { id } = (await admin.post(`${path}/invitations`, { email: 'frank@example.com', resourceRoles })).body
  await admin.delete(`${path}/resources/${domainId}`)
  t.same(
    await typesOf(() => muster.user('frank').post(`/invitations/${id}/accept`)),
    ['invitation.accepted', 'member.added', 'grant.added'],
    'a right on what has been deleted is none',
  )
  t.same(await typesOf(() => invited.get('/invitations')), [])
})

t.test('each use of an open code is an acceptance, and tells how many there were', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { code } = (await alice.post(`${path}/invitations`, { maxUses: 3 })).body
  for (const uses of [1, 2, 3]) {
    const look = await log.mark()
    await muster.user(`guest${uses}`).post(`/invitations/${code}/accept`)
    t.match(await look(), [
      { type: 'invitation.accepted', data: { uses, maxUses: 3, email: null } },
      { type: 'member.added' },
    ])
  }
})

t.test('a service that grants a role to an outsider makes a member', async (t) => {
  const { path, orgId, workspaceId } = await furnish(muster)
  const look = await log.mark()
  await backend.put(`${path}/resources/${workspaceId}/members/greta`, { role: 'admin' })
  const [added, granted] = await look()
  const greta = { type: 'user', id: 'greta' }
  const data = { role: 'member', source: 'provisioned' }
  t.match(added, { type: 'member.added', orgId, subject: greta, data })
  t.match(granted, {
    type: 'grant.added',
    subject: greta,
    data: { resourceId: workspaceId, role: 'admin' },
    sequence: Number(added?.sequence) + 1,
  })
  t.same(
    await typesOf(() => backend.put(`${path}/resources/${workspaceId}/members/amy`, { role: 'member' })),
    ['grant.added'],
    'and one to a member is a grant alone',
  )
})

t.test('a wanted set of members is each change that it comes to', async (t) => {
  const { path, orgId, admin, service, granteeId } = await furnish(muster)
  const members = [
    { userId: 'zoe', role: 'admin' },
    { userId: 'alice', role: 'admin' },
    { userId: 'bob', role: 'accounting' },
    { userId: 'amy', role: 'member' },
    { userId: 'new', role: 'member' },
  ]
  const before = (await log.sequences()).get(orgId) ?? 0
  const look = await log.mark()
  await service.put(`${path}/members?dryRun=true`, { members })
  t.same(await look(), [], 'a dry run is none')
  await service.put(`${path}/members`, { members })
  t.match(
    await look(),
    [
      { type: 'member.removed', subject: { id: 'carl' } },
      { type: 'member.removed', subject: { id: granteeId } },
      {
        type: 'member.role_changed',
        subject: { id: 'amy' },
        data: { role: 'member', previousRole: 'accounting' },
      },
      {
        type: 'member.role_changed',
        subject: { id: 'bob' },
        data: { role: 'accounting', previousRole: 'member' },
      },
      { type: 'member.added', subject: { id: 'new' }, data: { role: 'member', source: 'provisioned' } },
      { type: 'member.added', subject: { id: 'zoe' }, data: { role: 'admin', source: 'provisioned' } },
    ].map((event, index) => ({ ...event, orgId, sequence: before + index + 1 })),
  )
  t.equal((await admin.get(`${path}/members`)).body.data.length, 5)
  t.same(await typesOf(() => service.put(`${path}/members/max`, { role: 'member' })), ['member.added'])
  t.same(await typesOf(() => service.put(`${path}/members/max`, { role: 'admin' })), ['member.role_changed'])
})

t.test('a PATCH may move, rename, or both', async (t) => {
  const { path, admin, workspaceId, domainId } = await furnish(muster)
  const patch = (body: object) => () => admin.patch(`${path}/resources/${domainId}`, body)
  t.same(await typesOf(patch({ parentId: null, name: 'acme.org' })), ['resource.moved', 'resource.updated'])
  t.same(await typesOf(patch({ parentId: workspaceId })), ['resource.moved'])
  t.same(await typesOf(patch({ parentId: workspaceId, name: 'acme.net' })), ['resource.updated'])

  const look = await log.mark()
  await admin.patch(`${path}/resources/${domainId}`, { name: 'acme.io', parentId: null, metadata: { a: 1 } })
  t.match(await look(), [
    {
      type: 'resource.moved',
      data: { parentId: null, previousParentId: workspaceId, path: [domainId] },
    },
    { type: 'resource.updated', data: { name: 'acme.io', changed: ['name', 'metadata'] } },
  ])
})

t.test('what ends with something else has no event of its own', async (t) => {
  const { path, admin, workspaceId } = await furnish(muster)
  await admin.put(`${path}/resources/${workspaceId}/members/bob`, { role: 'admin' })
  t.same(await typesOf(() => admin.delete(`${path}/members/bob`)), ['member.removed'], 'grants')
  const look = await log.mark()
  await admin.delete(`${path}/resources/${workspaceId}`)
  t.match(await look(), [{ type: 'resource.deleted', data: { type: 'workspace', below: 1 } }])
  t.same(await typesOf(() => admin.delete(`${path}?confirm=Acme`)), ['org.deleted'])
  t.same(await typesOf(() => backend.post(`${path}/restore`)), ['org.restored'])
})

t.test('a first sign-in founds an organisation, a new name of the person is no event', async (t) => {
  t.same(await typesOf(() => muster.user('helga').put('/me')), ['org.created', 'member.added'])
  t.same(await typesOf(() => muster.user('helga', { name: 'Helga II' }).put('/me')), [])
  t.same(
    await typesOf(() => backend.post('/orgs', { name: 'Theirs', adminUserId: 'ivan', externalId: 'x1' })),
    ['org.created', 'member.added'],
  )
})

t.test('of a batch those that are refused write none, and the others one each', async (t) => {
  const { path, admin, orgId } = await furnish(muster)
  const before = (await log.sequences()).get(orgId) ?? 0
  const look = await log.mark()
  const invitations = [
    { email: 'z1@example.com' },
    { email: 'carl@example.com' },
    { email: 'dave@example.com' },
    { role: 'admin' },
    { email: 'z1@example.com' },
    { email: 'not an address' },
    { email: 'a1@example.com' },
  ]
  const { body } = await admin.post(`${path}/invitations/batch`, { invitations })
  t.same(
    body.results.map(({ status }: { status: number }) => status),
    [201, 409, 409, 422, 409, 400, 201],
  )
  t.match(await look(), [
    { type: 'invitation.created', data: { email: 'a1@example.com' }, sequence: before + 1 },
    { type: 'invitation.created', data: { email: 'z1@example.com' }, sequence: before + 2 },
  ])
  t.equal((await log.sequences()).get(orgId), before + 2)
})
