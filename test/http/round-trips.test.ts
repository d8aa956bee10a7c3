import { Client } from 'pg'
import t from 'tap'
import { type Caller, startMuster } from '../support/muster.ts'
import { type Call, callOf, furnish, operationsOf, type Place, send } from '../support/operations.ts'
import { cloneDatabase } from '../support/postgres.ts'
import { openWire } from '../support/round-trips.ts'

// How often each operation waits for the database, begin and commit included: one rightful call, counted on the wire.
// What is sent together, without a wait for what was sent before it, is one. A number that falls is good news, and one
// that rises has to be worth it.
// biome-ignore format: a table
const ROUND_TRIPS: Record<string, number> = {
  // without the database
  livez:               0,
  listRoles:           0,
  // reads
  readyz:              2,
  getMe:               1,
  listOrgs:            1,
  getOrg:              1,
  listMembers:         1,
  getMember:           1,
  getUser:             1,
  exportUser:          1,
  listInvitations:     1,
  getInvitation:       1,
  listOpenInvitations: 1,
  previewInvitation:   1,
  listResources:       1,
  getResource:         1,
  listResourceMembers: 1,
  getOrgBilling:       1,
  getResourceBilling:  1,
  explainAccess:       1,
  checkAccess:         1,
  listEvents:          1,
  readFeed:            1,
  listWebhooks:        1,
  getWebhook:          1,
  listDeliveries:      1,
  // in an organisation
  createOrg:           2,
  updateOrg:           3,
  deleteOrg:           3,
  restoreOrg:          3,
  leaveOrg:            3,
  transferOrg:         3,
  changeRole:          3,
  putMember:           3,
  syncMembers:         7,
  removeMember:        3,
  invite:              3,
  inviteBatch:         8,
  updateInvitation:    4,
  revokeInvitation:    3,
  resendInvitation:    4,
  acceptInvitation:    3,
  declineInvitation:   3,
  createResource:      3,
  updateResource:      3,
  deleteResource:      4,
  grantRole:           3,
  withdrawRole:        3,
  setOrgBilling:       3,
  setResourceBilling:  3,
  // about people
  signIn:              5,
  putUser:             4,
  eraseUser:           27,
  // webhooks
  createWebhook:       3,
  updateWebhook:       3,
  deleteWebhook:       3,
  rotateSecret:        3,
  sendTestEvent:       4,
  redeliver:           3,
}

/** The same operations in other ways. */
const IN_OTHER_WAYS: Record<string, Way> = {
  'inviting by mail': {
    roundTrips: 3,
    by: 'admin',
    call: ({ path }) => post(`${path}/invitations`, { email: 'erin@example.com' }),
  },
  'inviting by an open code': {
    roundTrips: 3,
    by: 'admin',
    call: ({ path }) => post(`${path}/invitations`, {}),
  },
  'inviting by a service': {
    roundTrips: 3,
    by: 'service',
    call: ({ path }) => post(`${path}/invitations`, { email: 'erin@example.com', notify: false }),
  },
  'inviting with rights on resources': {
    roundTrips: 3,
    by: 'admin',
    call: ({ path, workspaceId }) =>
      post(`${path}/invitations`, {
        ...{ email: 'erin@example.com', notify: false },
        resourceRoles: [{ resourceId: workspaceId, role: 'member' }],
      }),
  },
  'accepting an open code with rights on resources': {
    roundTrips: 4,
    by: 'invited',
    call: async ({ path, admin, workspaceId }) => {
      const resourceRoles = [{ resourceId: workspaceId, role: 'member' }]
      const { body } = await admin.post(`${path}/invitations`, { resourceRoles })
      return post(`/invitations/${body.code}/accept`)
    },
  },
  'accepting again': {
    roundTrips: 3,
    by: 'invited',
    call: async ({ invited, invitationId }) => {
      await invited.post(`/invitations/${invitationId}/accept`)
      return post(`/invitations/${invitationId}/accept`)
    },
  },
  'signing in again': {
    roundTrips: 1,
    by: 'admin',
    call: async ({ admin }) => {
      await admin.put('/me')
      return { method: 'put', path: '/me' }
    },
  },
  'moving a resource': {
    roundTrips: 4,
    by: 'admin',
    call: ({ path, domainId }) => ({
      ...{ method: 'patch', path: `${path}/resources/${domainId}` },
      body: { parentId: null },
    }),
  },
  'an Admin becoming something else': {
    roundTrips: 3,
    by: 'admin',
    call: async ({ path, admin }) => {
      await admin.patch(`${path}/members/carl`, { role: 'admin' })
      return { method: 'patch', path: `${path}/members/alice`, body: { role: 'member' } }
    },
  },
}

interface Way {
  readonly roundTrips: number
  readonly by: 'admin' | 'invited' | 'service'
  readonly call: (place: Place) => Call | Promise<Call>
}

const FOR_SERVICES =
  /^(restoreOrg|syncMembers|readFeed|redeliver|rotateSecret|sendTestEvent|listDeliveries)$|Webhooks?$|User$|^put/
const FOR_THE_INVITED = /^(accept|decline|preview)|^listOpen/

const wire = await openWire(t, await cloneDatabase(t))
const muster = await startMuster(t, { DATABASE_URL: wire.url })
const shared = await furnish(muster)

t.test('no operation of the contract is missing from the table', async (t) => {
  const operations = await operationsOf(muster)
  t.same(operations.map(({ operationId }) => operationId).sort(), Object.keys(ROUND_TRIPS).sort())
})

for (const [operationId, roundTrips] of Object.entries(ROUND_TRIPS))
  t.test(`${operationId}: ${roundTrips}`, async (t) => {
    const reads = callOf(operationId, shared).method === 'get'
    const place = reads ? shared : await furnish(muster)
    if (operationId === 'restoreOrg') await place.admin.delete(`${place.path}?confirm=Acme`)
    t.equal(await roundTripsOf(callerOf(operationId, place), callOf(operationId, place)), roundTrips)
  })

for (const [way, { roundTrips, by, call }] of Object.entries(IN_OTHER_WAYS))
  t.test(`${way}: ${roundTrips}`, async (t) => {
    const place = await furnish(muster)
    t.equal(await roundTripsOf(place[by], await call(place)), roundTrips)
  })

t.test('an Idempotency-Key', async (t) => {
  const place = await furnish(muster)
  const keyed = () =>
    roundTripsOf(place.admin, post(`${place.path}/invitations`, {}), { 'idempotency-key': 'once' })
  t.equal(await keyed(), 5, 'for the first time: two more')
  t.equal(await keyed(), 3, 'again')
})

t.test('what is sent together is one, and what waits for an answer is another one', async (t) => {
  const client = new Client({ connectionString: wire.url, pipeline: true })
  await client.connect()
  t.teardown(() => client.end())
  const ask = () => client.query('select $1::int', [1])
  const together = () => Promise.all([ask(), ask(), ask()])
  const oneByOne = async () => {
    for (let n = 0; n < 3; n++) await ask()
  }
  const asSoonAsOneIsAnswered = () => Promise.all([ask().then(ask), client.query('select pg_sleep(0.1)')])
  t.same(await wire.count(together), { roundTrips: 1, statements: 3 })
  t.same(await wire.count(oneByOne), { roundTrips: 3, statements: 3 })
  t.same(await wire.count(asSoonAsOneIsAnswered), { roundTrips: 2, statements: 3 })
})

/** Of a call that succeeds. */
async function roundTripsOf(caller: Caller, call: Call, headers?: Record<string, string>): Promise<number> {
  let status = 0
  const { roundTrips } = await wire.count(async () => {
    status = (await send(caller, call, headers)).status
  })
  if (status >= 300) throw new Error(`${call.method} ${call.path} was answered ${status}`)
  return roundTrips
}

function callerOf(operationId: string, { admin, accounting, invited, service }: Place): Caller {
  if (operationId === 'leaveOrg') return accounting
  if (operationId === 'signIn') return muster.user('newcomer')
  if (FOR_THE_INVITED.test(operationId)) return invited
  return FOR_SERVICES.test(operationId) ? service : admin
}

function post(path: string, body?: object): Call {
  return { method: 'post', path, ...(body && { body }) }
}
