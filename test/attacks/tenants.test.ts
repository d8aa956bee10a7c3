import t from 'tap'
import { dump } from '../support/dump.ts'
import { type Caller, type Reply, startMuster } from '../support/muster.ts'
import { callOf, furnish, operationsOf, type Place, send } from '../support/operations.ts'

// Every route of the contract, rightly called in an organisation, and what each caller is answered. The outsider is
// Admin of another organisation; the invited has not joined; the services hold one scope of `muster:` each.
const CALLERS = ['admin', 'accounting', 'member', 'outsider', 'invited', 'check', 'read', 'write', 'stranger']
// biome-ignore format: a table
const ANSWERS: Record<string, readonly number[]> = {
  // in an organisation
  getOrg:              [200, 200, 200, 404, 404, 403, 200, 200, 401],
  updateOrg:           [200, 403, 403, 404, 404, 403, 403, 200, 401],
  deleteOrg:           [204, 403, 403, 404, 404, 403, 403, 204, 401],
  leaveOrg:            [409, 204, 204, 404, 404, 403, 403, 403, 401],
  transferOrg:         [200, 403, 403, 404, 404, 403, 403, 403, 401],
  listMembers:         [200, 200, 200, 404, 404, 403, 200, 200, 401],
  getMember:           [200, 200, 200, 404, 404, 403, 200, 200, 401],
  changeRole:          [200, 403, 403, 404, 404, 403, 403, 200, 401],
  removeMember:        [204, 403, 403, 404, 404, 403, 403, 204, 401],
  putMember:           [403, 403, 403, 404, 404, 403, 403, 200, 401],
  syncMembers:         [403, 403, 403, 404, 404, 403, 403, 200, 401],
  invite:              [201, 403, 403, 404, 404, 403, 403, 201, 401],
  inviteBatch:         [200, 403, 403, 404, 404, 403, 403, 200, 401],
  listInvitations:     [200, 403, 403, 404, 404, 403, 200, 200, 401],
  getInvitation:       [200, 403, 403, 404, 404, 403, 200, 200, 401],
  updateInvitation:    [200, 403, 403, 404, 404, 403, 403, 200, 401],
  revokeInvitation:    [200, 403, 403, 404, 404, 403, 403, 200, 401],
  resendInvitation:    [200, 403, 403, 404, 404, 403, 403, 200, 401],
  createResource:      [201, 403, 403, 404, 404, 403, 403, 201, 401],
  listResources:       [200, 200, 200, 404, 404, 403, 200, 200, 401],
  getResource:         [200, 200, 403, 404, 404, 403, 200, 200, 401],
  updateResource:      [200, 403, 403, 404, 404, 403, 403, 200, 401],
  deleteResource:      [204, 403, 403, 404, 404, 403, 403, 204, 401],
  listResourceMembers: [200, 200, 403, 404, 404, 403, 200, 200, 401],
  grantRole:           [200, 403, 403, 404, 404, 403, 403, 200, 401],
  withdrawRole:        [204, 403, 403, 404, 404, 403, 403, 204, 401],
  getOrgBilling:       [200, 200, 403, 404, 404, 403, 200, 200, 401],
  setOrgBilling:       [200, 200, 403, 404, 404, 403, 403, 200, 401],
  getResourceBilling:  [200, 200, 403, 404, 404, 403, 200, 200, 401],
  setResourceBilling:  [200, 200, 403, 404, 404, 403, 403, 200, 401],
  explainAccess:       [200, 403, 403, 404, 404, 403, 200, 200, 401],
  listEvents:          [200, 403, 403, 404, 404, 403, 200, 200, 401],
  // in an organisation that nobody is in any more: no user may, wherever they were
  restoreOrg:          [403, 403, 403, 403, 403, 403, 403, 200, 401],
  // by the id of an invitation that is addressed to the invited
  previewInvitation:   [404, 404, 404, 404, 200, 404, 404, 404, 404],
  acceptInvitation:    [404, 404, 404, 404, 201, 403, 403, 403, 401],
  declineInvitation:   [404, 404, 404, 404, 200, 403, 403, 403, 401],
  // about the caller; a service that creates has to name an Admin
  signIn:              [200, 200, 200, 200, 200, 403, 403, 403, 401],
  getMe:               [200, 200, 200, 200, 200, 403, 403, 403, 401],
  createOrg:           [201, 201, 201, 201, 201, 403, 403, 400, 401],
  listOrgs:            [200, 200, 200, 200, 200, 403, 200, 200, 401],
  listOpenInvitations: [200, 200, 200, 200, 200, 403, 403, 403, 401],
  // over all organisations: for services
  putUser:             [403, 403, 403, 403, 403, 403, 403, 201, 401],
  getUser:             [403, 403, 403, 403, 403, 403, 200, 200, 401],
  exportUser:          [403, 403, 403, 403, 403, 403, 200, 200, 401],
  eraseUser:           [403, 403, 403, 403, 403, 403, 403, 200, 401],
  readFeed:            [403, 403, 403, 403, 403, 403, 200, 200, 401],
  createWebhook:       [403, 403, 403, 403, 403, 403, 403, 201, 401],
  listWebhooks:        [403, 403, 403, 403, 403, 403, 200, 200, 401],
  getWebhook:          [403, 403, 403, 403, 403, 403, 200, 200, 401],
  updateWebhook:       [403, 403, 403, 403, 403, 403, 403, 200, 401],
  deleteWebhook:       [403, 403, 403, 403, 403, 403, 403, 204, 401],
  rotateSecret:        [403, 403, 403, 403, 403, 403, 403, 200, 401],
  sendTestEvent:       [403, 403, 403, 403, 403, 403, 403, 201, 401],
  listDeliveries:      [403, 403, 403, 403, 403, 403, 200, 200, 401],
  redeliver:           [403, 403, 403, 403, 403, 403, 403, 201, 401],
  // about the caller's own rights; a service has to name somebody
  checkAccess:         [200, 200, 200, 200, 200, 400, 403, 403, 401],
  listRoles:           [200, 200, 200, 200, 200, 200, 200, 200, 401],
  // for anybody
  livez:               [200, 200, 200, 200, 200, 200, 200, 200, 200],
  readyz:              [200, 200, 200, 200, 200, 200, 200, 200, 200],
}

const muster = await startMuster(t)
const mallory = muster.user('mallory')
const evil = (await mallory.post('/orgs', { name: 'Evil' })).body
for (const id of ['alice', 'amy', 'bob', 'mallory', 'dave']) await muster.user(id).put('/me')

const victim = await furnish(muster)
const MISSING = '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e'

t.test('no route of the contract is missing from the table', async (t) => {
  const routes = (await operationsOf(muster)).map(({ operationId }) => operationId)
  t.same(routes.sort(), Object.keys(ANSWERS).sort())
})

t.test('in an organisation an outsider is told of nothing', async (t) => {
  for (const { operationId, path } of await operationsOf(muster)) {
    const [, , , outsider, invited] = ANSWERS[operationId] ?? []
    if (!path.startsWith('/orgs/{orgId}') || operationId === 'restoreOrg') continue
    t.same([outsider, invited], [404, 404], operationId)
  }
})

t.test('whoever is refused has changed nothing', async (t) => {
  const before = await dump(muster.db)
  for (const [operationId, answers] of Object.entries(ANSWERS))
    for (const [column, name] of CALLERS.entries()) {
      const status = answers[column] ?? 0
      if (status < 400) continue
      const reply = await send(callerOf(name, victim), callOf(operationId, victim))
      t.equal(reply.status, status, `${name}: ${operationId}`)
      t.match(reply.headers.get('content-type'), 'application/problem+json')
      if (status === 403) t.equal(reply.body.code, 'forbidden')
      if (status === 401) t.equal(reply.body.code, 'unauthenticated')
    }
  t.same(await dump(muster.db), before)
})

for (const [operationId, answers] of Object.entries(ANSWERS))
  t.test(`${operationId} is for whoever may`, async (t) => {
    for (const [column, name] of CALLERS.entries()) {
      const status = answers[column] ?? 0
      if (status >= 400) continue
      const reads = callOf(operationId, victim).method === 'get'
      const place = reads ? victim : await furnish(muster)
      t.equal((await send(callerOf(name, place), callOf(operationId, place))).status, status, name)
    }
  })

t.test('an outsider is answered the same as of an organisation that does not exist', async (t) => {
  const nowhere = { ...victim, orgId: MISSING, path: `/orgs/${MISSING}`, invitationId: MISSING }
  for (const [operationId, answers] of Object.entries(ANSWERS)) {
    if ((answers[CALLERS.indexOf('outsider')] ?? 0) < 400) continue
    for (const caller of [mallory, muster.user('dave', { email_verified: false }), muster.stranger])
      t.same(
        told(await send(caller, callOf(operationId, victim))),
        told(await send(caller, callOf(operationId, nowhere))),
        operationId,
      )
  }
})

t.test('an Admin reaches nobody and nothing of another organisation through their own', async (t) => {
  const mixed = { ...victim, path: `/orgs/${evil.id}` }
  const before = await dump(muster.db)
  const backend = muster.service('muster:write')
  for (const caller of [mallory, backend]) {
    for (const { operationId, path } of await operationsOf(muster)) {
      const named = /^\/orgs\/\{orgId\}.*\{(userId|invitationId)\}/.exec(path)?.[1]
      // Whoever is put in need not be a member; grants are tried in foreign-resources.test.ts.
      if (!named || operationId === 'putMember' || path.includes('{resourceId}')) continue
      const code = named === 'userId' ? 'member_not_found' : 'invitation_not_found'
      t.match(await send(caller, callOf(operationId, mixed)), { status: 404, body: { code } }, operationId)
    }
  }
  t.match(await send(mallory, callOf('transferOrg', mixed)), {
    status: 404,
    body: { code: 'member_not_found' },
  })
  t.same(await dump(muster.db), before)
})

t.test('no list of an outsider’s names the organisation, its people or its invitations', async (t) => {
  for (const path of [
    '/me',
    '/orgs?limit=100',
    '/invitations?limit=100',
    `/orgs/${evil.id}/members`,
    `/orgs/${evil.id}/resources`,
    `/orgs/${evil.id}/members/mallory/access`,
  ]) {
    const { status, body } = await mallory.get(path)
    t.equal(status, 200)
    t.notMatch(
      JSON.stringify(body),
      new RegExp(`${victim.orgId}|${victim.invitationId}|${victim.workspaceId}|alice|bob|dave|Acme|Secret`),
    )
  }
})

t.test('a claim in a token makes nobody a member', async (t) => {
  for (const claims of [
    { role: 'admin', roles: ['admin'], orgs: [victim.orgId], org_id: victim.orgId },
    { email: 'alice@example.com', name: 'Alice' },
    { scope: 'admin muster:admin', permissions: ['org:update'] },
  ])
    t.equal((await muster.user('mallory', claims).get(victim.path)).status, 404)
})

function callerOf(name: string, place: Place): Caller {
  switch (name) {
    case 'admin':
    case 'accounting':
    case 'member':
    case 'invited':
      return place[name]
    case 'outsider':
      return mallory
    case 'stranger':
      return muster.stranger
    default:
      return muster.service(`muster:${name}`)
  }
}

/** What an answer tells, apart from what the caller said and what every answer has of its own. */
function told({ status, body }: Reply): object {
  const { requestId, instance, ...problem } = body
  return { status, problem }
}
