import t from 'tap'
import { dump } from '../support/dump.ts'
import { type Caller, type Reply, startMuster } from '../support/muster.ts'
import { callOf, furnish, operationsOf, type Place, send } from '../support/operations.ts'
import { grow } from '../support/tree.ts'

// Every route about one resource, and what a Member is answered who was granted a role: on it or above it, or only on
// what lies below it or beside it.
const PLACES = ['workspace', 'domain'] as const
const ROLES = ['admin', 'accounting', 'member', 'below', 'beside'] as const
// biome-ignore format: a table
const ANSWERS: Record<string, readonly number[]> = {
  createResource:      [201, 403, 403, 403, 403],
  getResource:         [200, 200, 200, 403, 403],
  updateResource:      [200, 403, 403, 403, 403],
  deleteResource:      [204, 403, 403, 403, 403],
  listResourceMembers: [200, 200, 200, 403, 403],
  grantRole:           [200, 403, 403, 403, 403],
  withdrawRole:        [204, 403, 403, 403, 403],
  getResourceBilling:  [200, 200, 403, 403, 403],
  setResourceBilling:  [200, 200, 403, 403, 403],
}

const muster = await startMuster(t)
const operations = await operationsOf(muster)

t.test('no route about a resource is missing from the table', async (t) => {
  const routes = operations.filter(({ path }) => path.includes('{resourceId}'))
  t.same(
    [...routes.map(({ operationId }) => operationId), 'createResource'].sort(),
    Object.keys(ANSWERS).sort(),
  )
})

t.test('whoever is refused has changed nothing', async (t) => {
  const settled = await settle()
  const before = await dump(muster.db)
  for (const [operationId, answers] of Object.entries(ANSWERS))
    for (const [column, role] of ROLES.entries())
      for (const at of PLACES) {
        if (answers[column] !== 403) continue
        const { status, body } = await attempt(settled, operationId, role, at)
        t.match({ status, body }, { status: 403, body: { code: 'forbidden' } }, `${role}: ${operationId}`)
      }
  t.same(await dump(muster.db), before)
})

for (const [operationId, answers] of Object.entries(ANSWERS))
  t.test(`${operationId} is for whoever was granted enough, there or above`, async (t) => {
    for (const [column, role] of ROLES.entries())
      for (const at of PLACES) {
        if (answers[column] === 403) continue
        const { status } = await attempt(await settle(), operationId, role, at)
        t.equal(status, answers[column], `${role} of the workspace, the ${at}`)
      }
  })

t.test('who is Admin of a resource is a plain Member in the organisation', async (t) => {
  const { place, holders } = await settle()
  const { admin } = holders.workspace
  const before = await dump(muster.db)
  for (const { operationId, path } of operations) {
    if (!path.startsWith('/orgs/{orgId}') || operationId in ANSWERS || operationId === 'leaveOrg') continue
    const call = callOf(operationId, place)
    t.equal((await send(admin, call)).status, (await send(place.member, call)).status, operationId)
  }
  const root = await admin.post(`${place.path}/resources`, { type: 'workspace', name: 'Root' })
  t.equal(root.status, 403)
  t.same(await dump(muster.db), before)
})

interface Settled {
  readonly place: Place
  readonly holders: Record<(typeof PLACES)[number], Record<(typeof ROLES)[number], Caller>>
}

/** Members with a grant each, seen from the workspace and from the domain in it. */
async function settle(): Promise<Settled> {
  const place = await furnish(muster)
  const { path, service, workspaceId, domainId } = place
  const below = await grow(service, path, 'below', domainId)
  const sibling = await grow(service, path, 'sibling', workspaceId)
  const beside = await grow(service, path, 'beside')
  const grant = async (userId: string, resourceId: string, role = 'admin') => {
    await service.put(`${path}/resources/${resourceId}/members/${userId}`, { role })
    return muster.user(userId)
  }
  await grant('carl', domainId)
  const granted = {
    admin: await grant('holder-admin', workspaceId),
    accounting: await grant('holder-accounting', workspaceId, 'accounting'),
    member: await grant('holder-member', workspaceId, 'member'),
  }
  const workspace = {
    ...granted,
    below: await grant('below-workspace', domainId),
    beside: await grant('beside-workspace', beside),
  }
  const domain = {
    ...granted,
    below: await grant('below-domain', below),
    beside: await grant('beside-domain', sibling),
  }
  return { place, holders: { workspace, domain } }
}

function attempt(
  { place, holders }: Settled,
  operationId: string,
  role: (typeof ROLES)[number],
  at: (typeof PLACES)[number],
): Promise<Reply> {
  const resourceId = at === 'workspace' ? place.workspaceId : place.domainId
  return send(holders[at][role], callOf(operationId, { ...place, workspaceId: resourceId }))
}
