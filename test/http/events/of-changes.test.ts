import t from 'tap'
import { EVENT_TYPES } from '../../../src/domain/events/event.ts'
import { misfitsOf } from '../../support/event-document.ts'
import { type Caller, type Reply, startMuster } from '../../support/muster.ts'
import { callOf, furnish, operationsOf, type Place, send } from '../../support/operations.ts'
import { openLog } from '../../support/recorded.ts'

// What one rightful call of each operation writes: the types, in order, each with what it happened to. Reads nothing.
// biome-ignore format: a table
const EVENTS: Record<string, readonly string[]> = {
  // in an organisation
  updateOrg:           ['org.updated organization'],
  deleteOrg:           ['org.deleted organization'],
  restoreOrg:          ['org.restored organization'],
  leaveOrg:            ['member.left amy'],
  transferOrg:         ['member.role_changed carl', 'member.role_changed alice'],
  changeRole:          ['member.role_changed carl'],
  putMember:           ['member.role_changed carl'],
  syncMembers:         ['member.role_changed carl'],
  removeMember:        ['member.removed carl'],
  invite:              ['invitation.created answer'],
  inviteBatch:         ['invitation.created second', 'invitation.created first'],
  updateInvitation:    ['invitation.updated invitation'],
  revokeInvitation:    ['invitation.revoked invitation'],
  resendInvitation:    ['invitation.resent invitation'],
  acceptInvitation:    ['invitation.accepted invitation', 'member.added dave'],
  declineInvitation:   ['invitation.declined invitation'],
  createResource:      ['resource.created answer'],
  updateResource:      ['resource.updated workspace'],
  deleteResource:      ['resource.deleted workspace'],
  grantRole:           ['grant.changed carl'],
  withdrawRole:        ['grant.removed carl'],
  setOrgBilling:       ['billing.updated organization'],
  setResourceBilling:  ['billing.updated workspace'],
  // a new organisation
  createOrg:           ['org.created answer', 'member.added alice'],
  signIn:              ['org.created own', 'member.added newcomer'],
  putUser:             ['org.created own', 'member.added grantee'],
  // in each organisation of the person, and in none
  eraseUser:           ['member.removed pseudonym', 'user.erased pseudonym'],
  // of no organisation
  createWebhook:       ['webhook.created answer'],
  updateWebhook:       ['webhook.updated webhook'],
  deleteWebhook:       ['webhook.deleted webhook'],
  rotateSecret:        ['webhook.secret_rotated webhook'],
  sendTestEvent:       ['webhook.test webhook'],
  // sends again what has happened already
  redeliver:           [],
  // reads
  livez:               [],
  readyz:              [],
  getMe:               [],
  listOrgs:            [],
  getOrg:              [],
  listMembers:         [],
  getMember:           [],
  getUser:             [],
  exportUser:          [],
  listInvitations:     [],
  getInvitation:       [],
  listOpenInvitations: [],
  previewInvitation:   [],
  listResources:       [],
  getResource:         [],
  listResourceMembers: [],
  getOrgBilling:       [],
  getResourceBilling:  [],
  explainAccess:       [],
  checkAccess:         [],
  listRoles:           [],
  listEvents:          [],
  readFeed:            [],
  listWebhooks:        [],
  getWebhook:          [],
  listDeliveries:      [],
}

const FOR_SERVICES =
  /^(restoreOrg|syncMembers|readFeed|redeliver|rotateSecret|sendTestEvent|listDeliveries)$|Webhooks?$|User$|^put/
const OF_NO_ORG = /^(user|webhook)\./
const FOR_THE_INVITED = /^(accept|decline|preview)|^listOpen/

const muster = await startMuster(t)
const log = await openLog(muster)
const everything = await log.mark()
const operations = await operationsOf(muster)

t.test('no operation of the contract is missing from the table', async (t) => {
  t.same(operations.map(({ operationId }) => operationId).sort(), Object.keys(EVENTS).sort())
})

t.test('whatever is no read writes an event, but for two that change nothing', async (t) => {
  const writes = operations.filter(({ method }) => method !== 'get')
  t.same(
    writes.map(({ operationId }) => operationId).filter((name) => EVENTS[name]?.length === 0),
    ['checkAccess', 'redeliver'],
  )
  const reads = operations.filter(({ method }) => method === 'get')
  t.same(
    reads.filter(({ operationId }) => EVENTS[operationId]?.length !== 0),
    [],
  )
})

for (const [operationId, expected] of Object.entries(EVENTS))
  t.test(`${operationId} writes ${expected.join(' and ') || 'nothing'}`, async (t) => {
    const place = await furnish(muster)
    if (operationId === 'restoreOrg') await place.admin.delete(`${place.path}?confirm=Acme`)
    const { caller, actor } = callerOf(operationId, place)
    const before = await log.sequences()
    const look = await log.mark()
    const reply = await send(caller, callOf(operationId, place))
    t.ok(reply.status < 300, `it was answered ${reply.status}`)

    const written = await look()
    const org = orgIdOf(operationId, place, reply)
    const first = before.get(org) ?? 0
    t.same(
      written.map(({ id, occurredAt, data, ...event }) => event),
      expected.map((text, index) => {
        const [type = '', word = ''] = text.split(' ')
        const where = OF_NO_ORG.test(type)
          ? { orgId: null, sequence: null }
          : { orgId: org, sequence: first + index + 1 }
        return { type, actor, subject: subjectOf(type, word, place, reply), ...where }
      }),
    )
    for (const { id, occurredAt } of written) {
      t.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/)
      t.ok(Math.abs(Date.now() - occurredAt.getTime()) < 60_000, 'just now')
    }
    const told = written.filter(({ orgId }) => orgId === org)
    if (operationId === 'deleteOrg' || told.length === 0) return
    const { body } = await place.service.get(`/orgs/${org}/events?limit=${told.length}`)
    t.same(body.data.reverse(), JSON.parse(JSON.stringify(told)), 'as the audit log tells it at once')
  })

t.test('each tells what the document says of its type, no less and no more', async (t) => {
  const { admin, path, domainId } = await furnish(muster)
  await admin.patch(`${path}/resources/${domainId}`, { parentId: null })
  const events = await everything()
  t.same(events.flatMap(misfitsOf), [])
  const ofAJob = 'webhook.disabled'
  t.same(
    [...new Set(events.map(({ type }) => type))].sort(),
    EVENT_TYPES.filter((type) => type !== ofAJob).sort(),
  )
  const [event] = events.filter(({ type }) => type === 'member.added')
  if (!event) throw new Error('Somebody was added.')
  const wrong = [{ role: 'admin' }, { ...event.data, name: 'Bob' }, { ...event.data, role: 'owner' }]
  for (const data of wrong) t.not(misfitsOf({ ...event, data }).length, 0, JSON.stringify(data))
})

function callerOf(operationId: string, { admin, accounting, invited, service }: Place) {
  const user = (caller: Caller, userId: string) => ({ caller, actor: { type: 'user', userId } })
  if (operationId === 'leaveOrg') return user(accounting, 'amy')
  if (operationId === 'signIn') return user(muster.user('newcomer'), 'newcomer')
  if (FOR_THE_INVITED.test(operationId)) return user(invited, 'dave')
  if (FOR_SERVICES.test(operationId))
    return { caller: service, actor: { type: 'service', userId: 'backend' } }
  return user(admin, 'alice')
}

function orgIdOf(operationId: string, { orgId }: Place, { body }: Reply): string {
  if (operationId === 'createOrg') return body.id
  return ['signIn', 'putUser'].includes(operationId) ? ownOf(body, orgId) : orgId
}

/** The organisation that somebody got with their first sign-in. */
function ownOf({ orgs = [] }: Reply['body'], elsewhere: string): string {
  return orgs.find(({ id }: { id: string }) => id !== elsewhere)?.id
}

function subjectOf(type: string, word: string, place: Place, { body }: Reply) {
  const { orgId, invitationId, workspaceId, webhookId, granteeId } = place
  const ids: Record<string, string> = {
    organization: orgId,
    invitation: invitationId,
    workspace: workspaceId,
    webhook: webhookId,
    answer: body.id,
    own: ownOf(body, orgId),
    grantee: granteeId,
    pseudonym: body.pseudonym,
    first: body.results?.[0]?.invitation?.id,
    second: body.results?.[1]?.invitation?.id,
  }
  const [family = ''] = type.split('.')
  const types: Record<string, string> = { org: 'organization', member: 'user', grant: 'user' }
  const billed = word === 'workspace' ? 'resource' : word
  return { type: family === 'billing' ? billed : (types[family] ?? family), id: ids[word] ?? word }
}
