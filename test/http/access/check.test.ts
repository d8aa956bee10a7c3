import t from 'tap'
import { startMuster } from '../../support/muster.ts'
import { plant } from '../../support/tree.ts'

const muster = await startMuster(t)
const checker = muster.service('muster:check')

const NOWHERE = '01980f3b-1a2b-7c3d-8e4f-5a6b7c8d9e0f'
const NO = { allowed: false, role: null, source: null }

t.test('the answer says whether, by which role, and where that was given', async (t) => {
  const { admin, accounting, member, orgId, design, site, shop, sales, grant } = await plant(muster)
  await grant('bob', 'accounting', site)
  const ofOrg = { type: 'organization', id: orgId }
  const ofSite = { type: 'resource', id: site }
  const tries = [
    [admin, 'org:delete', undefined, { allowed: true, role: 'admin', source: ofOrg }],
    [admin, 'resource:delete', shop, { allowed: true, role: 'admin', source: ofOrg }],
    [accounting, 'billing:update', undefined, { allowed: true, role: 'accounting', source: ofOrg }],
    [accounting, 'billing:update', shop, { allowed: true, role: 'accounting', source: ofOrg }],
    [accounting, 'resource:update', shop, { allowed: false, role: 'accounting', source: ofOrg }],
    [member, 'org:read', undefined, { allowed: true, role: 'member', source: ofOrg }],
    [member, 'billing:read', undefined, { allowed: false, role: 'member', source: ofOrg }],
    [member, 'billing:read', site, { allowed: true, role: 'accounting', source: ofSite }],
    [member, 'resource:read', shop, { allowed: true, role: 'accounting', source: ofSite }],
    [member, 'resource:update', shop, { allowed: false, role: 'accounting', source: ofSite }],
    [member, 'resource:read', design, NO],
    [member, 'resource:read', sales, NO],
    [muster.user('mallory'), 'org:read', undefined, NO],
  ] as const
  for (const [caller, permission, resourceId, verdict] of tries) {
    const checks = [{ orgId, permission, ...(resourceId && { resourceId }) }]
    const { status, body } = await caller.post('/access/check', { checks })
    t.equal(status, 200)
    t.same(body, { results: [verdict] }, permission)
  }
})

t.test('of equal roles the nearest is told, and a stronger one before it', async (t) => {
  const { admin, member, orgId, path, design, site, shop, grant } = await plant(muster)
  const told = async () => {
    const checks = [{ orgId, permission: 'resource:read', resourceId: shop }]
    return (await member.post('/access/check', { checks })).body.results[0].source
  }
  await grant('bob', 'member', design)
  await admin.patch(path, { memberAccess: 'all' })
  t.same(await told(), { type: 'resource', id: design }, 'nearer than the organisation')
  await grant('bob', 'member', shop)
  t.same(await told(), { type: 'resource', id: shop })
  await grant('bob', 'accounting', site)
  t.same(await told(), { type: 'resource', id: site })
})

t.test('a hundred questions are answered in their order, also when asked twice', async (t) => {
  const { orgId, design, site, shop, sales, crm, grant } = await plant(muster)
  await grant('bob', 'admin', site)
  await grant('carl', 'member', sales)
  const places = [design, site, shop, sales, crm, NOWHERE]
  const expected: Record<string, (string | null)[]> = {
    alice: ['admin', 'admin', 'admin', 'admin', 'admin', null],
    amy: ['accounting', 'accounting', 'accounting', 'accounting', 'accounting', null],
    bob: [null, 'admin', 'admin', null, null, null],
    carl: [null, null, null, 'member', 'member', null],
    nobody: [null, null, null, null, null, null],
  }
  const questions = Object.entries(expected).flatMap(([userId, roles]) =>
    roles.map((role, n) => ({ userId, role, resourceId: places[n] })),
  )
  const asked = Array.from({ length: 100 }, (_, n) => questions[(n * 7) % questions.length])
  const checks = asked.map((question) => ({
    orgId,
    permission: 'resource:read',
    userId: question?.userId,
    resourceId: question?.resourceId,
  }))
  const { status, body } = await checker.post('/access/check', { checks })
  t.equal(status, 200)
  t.same(
    body.results.map(({ role, allowed }: { role: string | null; allowed: boolean }) => [role, allowed]),
    asked.map((question) => [question?.role, question?.role !== null]),
  )
})

t.test('questions over several organisations and kinds of place go together', async (t) => {
  const one = await plant(muster)
  const two = await plant(muster)
  await two.grant('bob', 'accounting', two.shop)
  const checks = [
    { orgId: two.orgId, permission: 'billing:read', resourceId: two.shop },
    { orgId: one.orgId, permission: 'org:read' },
    { orgId: one.orgId, permission: 'billing:read', resourceId: one.shop },
    { orgId: NOWHERE, permission: 'org:read' },
    { orgId: two.orgId, permission: 'billing:read' },
  ]
  const { body } = await one.member.post('/access/check', { checks })
  t.same(
    body.results.map(({ allowed }: { allowed: boolean }) => allowed),
    [true, true, false, false, false],
  )
})

t.test('what does not exist, or is somebody else’s, allows nothing and looks alike', async (t) => {
  const { admin, orgId, design } = await plant(muster)
  const elsewhere = await plant(muster)
  const read = { permission: 'resource:read', userId: 'alice' }
  const checks = [
    { ...read, orgId, resourceId: NOWHERE },
    { ...read, orgId, resourceId: elsewhere.design },
    { ...read, orgId: elsewhere.orgId, resourceId: design },
    { ...read, orgId: NOWHERE, resourceId: design },
    { ...read, orgId, resourceId: orgId },
    { permission: 'org:read', userId: 'alice', orgId: design },
    { permission: 'org:read', userId: 'alice', orgId: NOWHERE },
  ]
  const nothing = checks.map(() => NO)
  t.same((await admin.post('/access/check', { checks })).body.results, nothing)
  const others = ['nobody', 'Alice', 'alice ', '%', '\ud83e\udd80'].map((userId) => ({
    orgId,
    permission: 'org:read',
    userId,
  }))
  t.same(
    (await checker.post('/access/check', { checks: others })).body.results,
    others.map(() => NO),
  )
})

t.test('a deleted organisation allows nothing, until it is restored', async (t) => {
  const { admin, service, orgId, path, design } = await plant(muster)
  const checks = [
    { orgId, permission: 'org:read' },
    { orgId, permission: 'resource:read', resourceId: design },
  ]
  const allowed = async () =>
    (await admin.post('/access/check', { checks })).body.results.map((verdict: object) => verdict)
  t.match(await allowed(), [{ allowed: true }, { allowed: true }])
  await admin.delete(`${path}?confirm=Acme`)
  t.same(await allowed(), [NO, NO])
  await service.post(`${path}/restore`)
  t.match(await allowed(), [{ allowed: true }, { allowed: true }])
})

t.test('an id is the same in capitals', async (t) => {
  const { admin, orgId, design } = await plant(muster)
  const [OrgId, Design] = [orgId.toUpperCase(), design.toUpperCase()]
  const checks = [
    { orgId: OrgId, permission: 'org:read' },
    { orgId: OrgId, permission: 'resource:read', resourceId: Design },
  ]
  const verdict = { allowed: true, role: 'admin', source: { type: 'organization', id: orgId } }
  t.same((await admin.post('/access/check', { checks })).body.results, [verdict, verdict])
})
