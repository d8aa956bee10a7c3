import { randomUUID } from 'node:crypto'
import { type Caller, joinAs, type Muster, type Reply, withOrg } from './muster.ts'

/**
 * An organisation of Alice's with a person in each role. Carl is one more member, to whom things are done, with a role
 * on the workspace. An invitation waits for Dave. The workspace has a domain in it, and invoice information is filled
 * in. A webhook of a backend has a delivery.
 */
export interface Place {
  readonly orgId: string
  readonly path: string
  readonly invitationId: string
  readonly workspaceId: string
  readonly domainId: string
  /** A person to whom a backend granted a role on the workspace, and who is nowhere else. */
  readonly granteeId: string
  readonly webhookId: string
  readonly deliveryId: string
  readonly admin: Caller
  readonly accounting: Caller
  readonly member: Caller
  readonly invited: Caller
  readonly service: Caller
}

export async function furnish(muster: Muster): Promise<Place> {
  const { alice, org, path } = await withOrg(muster)
  const [accounting, member, , { body }] = await Promise.all([
    joinAs(muster, path, 'amy', 'accounting'),
    joinAs(muster, path, 'bob'),
    joinAs(muster, path, 'carl'),
    alice.post(`${path}/invitations`, { email: 'dave@example.com', notify: false }),
  ])
  const workspace = await alice.post(`${path}/resources`, { type: 'workspace', name: 'Design' })
  const place = `${path}/resources/${workspace.body.id}`
  const [domain] = await Promise.all([
    alice.post(`${path}/resources`, { type: 'domain', name: 'acme.com', parentId: workspace.body.id }),
    alice.put(`${place}/members/carl`, { role: 'member' }),
    alice.put(`${path}/billing`, { legalName: 'Acme Secret GmbH' }),
    alice.put(`${place}/billing`, { legalName: 'Design Secret GmbH' }),
  ])
  const service = muster.service('muster:write')
  const granteeId = `grantee-${randomUUID()}`
  await service.put(`${place}/members/${granteeId}`, { role: 'member' })
  const webhook = await service.post('/webhooks', { url: 'https://hooks.example.com/muster' })
  const delivery = await service.post(`/webhooks/${webhook.body.id}/test`)
  return {
    orgId: org.id,
    path,
    invitationId: body.id,
    workspaceId: workspace.body.id,
    domainId: domain.body.id,
    granteeId,
    webhookId: webhook.body.id,
    deliveryId: delivery.body.id,
    admin: alice,
    accounting,
    member,
    invited: muster.user('dave'),
    service,
  }
}

export interface Call {
  readonly method: 'get' | 'put' | 'post' | 'patch' | 'delete'
  readonly path: string
  readonly body?: object
}

/** Each operation of the contract as a valid call, if the caller may make it. */
export const CALLS: Readonly<Record<string, (place: Place) => Call>> = {
  livez: () => ({ method: 'get', path: '/livez' }),
  readyz: () => ({ method: 'get', path: '/readyz' }),
  signIn: () => ({ method: 'put', path: '/me' }),
  getMe: () => ({ method: 'get', path: '/me' }),
  createOrg: () => ({ method: 'post', path: '/orgs', body: { name: 'Beta' } }),
  listOrgs: () => ({ method: 'get', path: '/orgs' }),
  getOrg: ({ path }) => ({ method: 'get', path }),
  updateOrg: ({ path }) => ({ method: 'patch', path, body: { memberAccess: 'all' } }),
  deleteOrg: ({ path }) => ({ method: 'delete', path: `${path}?confirm=Acme` }),
  restoreOrg: ({ path }) => ({ method: 'post', path: `${path}/restore` }),
  leaveOrg: ({ path }) => ({ method: 'post', path: `${path}/leave`, body: { confirm: 'Acme' } }),
  transferOrg: ({ path }) => ({
    method: 'post',
    path: `${path}/transfer`,
    body: { toUserId: 'carl', then: 'member' },
  }),
  listMembers: ({ path }) => ({ method: 'get', path: `${path}/members` }),
  getMember: ({ path }) => ({ method: 'get', path: `${path}/members/carl` }),
  changeRole: ({ path }) => ({ method: 'patch', path: `${path}/members/carl`, body: { role: 'accounting' } }),
  removeMember: ({ path }) => ({ method: 'delete', path: `${path}/members/carl` }),
  invite: ({ path }) => ({
    method: 'post',
    path: `${path}/invitations`,
    body: { email: 'erin@example.com', notify: false },
  }),
  inviteBatch: ({ path }) => ({
    method: 'post',
    path: `${path}/invitations/batch`,
    body: { invitations: [{ email: 'erin@example.com', notify: false }, {}] },
  }),
  listInvitations: ({ path }) => ({ method: 'get', path: `${path}/invitations` }),
  getInvitation: ({ path, invitationId }) => ({ method: 'get', path: `${path}/invitations/${invitationId}` }),
  updateInvitation: ({ path, invitationId }) => ({
    method: 'patch',
    path: `${path}/invitations/${invitationId}`,
    body: { role: 'accounting' },
  }),
  revokeInvitation: ({ path, invitationId }) => ({
    method: 'post',
    path: `${path}/invitations/${invitationId}/revoke`,
  }),
  resendInvitation: ({ path, invitationId }) => ({
    method: 'post',
    path: `${path}/invitations/${invitationId}/resend`,
  }),
  createResource: ({ path, workspaceId }) => ({
    method: 'post',
    path: `${path}/resources`,
    body: { type: 'project', name: 'Logo', parentId: workspaceId },
  }),
  listResources: ({ path }) => ({ method: 'get', path: `${path}/resources` }),
  getResource: ({ path, workspaceId }) => ({ method: 'get', path: `${path}/resources/${workspaceId}` }),
  updateResource: ({ path, workspaceId }) => ({
    method: 'patch',
    path: `${path}/resources/${workspaceId}`,
    body: { name: 'Brand' },
  }),
  deleteResource: ({ path, workspaceId }) => ({ method: 'delete', path: `${path}/resources/${workspaceId}` }),
  listResourceMembers: ({ path, workspaceId }) => ({
    method: 'get',
    path: `${path}/resources/${workspaceId}/members`,
  }),
  grantRole: ({ path, workspaceId }) => ({
    method: 'put',
    path: `${path}/resources/${workspaceId}/members/carl`,
    body: { role: 'accounting' },
  }),
  withdrawRole: ({ path, workspaceId }) => ({
    method: 'delete',
    path: `${path}/resources/${workspaceId}/members/carl`,
  }),
  getOrgBilling: ({ path }) => ({ method: 'get', path: `${path}/billing` }),
  setOrgBilling: ({ path }) => ({ method: 'put', path: `${path}/billing`, body: { legalName: 'Acme AG' } }),
  getResourceBilling: ({ path, workspaceId }) => ({
    method: 'get',
    path: `${path}/resources/${workspaceId}/billing`,
  }),
  setResourceBilling: ({ path, workspaceId }) => ({
    method: 'put',
    path: `${path}/resources/${workspaceId}/billing`,
    body: { legalName: 'Design AG' },
  }),
  explainAccess: ({ path }) => ({ method: 'get', path: `${path}/members/carl/access` }),
  checkAccess: ({ orgId, workspaceId }) => ({
    method: 'post',
    path: '/access/check',
    body: { checks: [{ orgId, permission: 'resource:update', resourceId: workspaceId }] },
  }),
  listRoles: () => ({ method: 'get', path: '/roles' }),
  putMember: ({ path }) => ({ method: 'put', path: `${path}/members/carl`, body: { role: 'accounting' } }),
  syncMembers: ({ path, granteeId }) => ({
    method: 'put',
    path: `${path}/members`,
    body: {
      members: [
        { userId: 'alice', role: 'admin' },
        { userId: 'amy', role: 'accounting' },
        { userId: 'bob', role: 'member' },
        { userId: 'carl', role: 'accounting' },
        { userId: granteeId, role: 'member' },
      ],
    },
  }),
  putUser: ({ granteeId }) => ({ method: 'put', path: `/users/${granteeId}`, body: { name: 'Gwen' } }),
  getUser: ({ granteeId }) => ({ method: 'get', path: `/users/${granteeId}` }),
  exportUser: ({ granteeId }) => ({ method: 'get', path: `/users/${granteeId}/export` }),
  eraseUser: ({ granteeId }) => ({ method: 'delete', path: `/users/${granteeId}` }),
  listEvents: ({ path }) => ({ method: 'get', path: `${path}/events` }),
  readFeed: () => ({ method: 'get', path: '/events' }),
  createWebhook: () => ({ method: 'post', path: '/webhooks', body: { url: 'https://hooks.example.com/' } }),
  listWebhooks: () => ({ method: 'get', path: '/webhooks' }),
  getWebhook: ({ webhookId }) => ({ method: 'get', path: `/webhooks/${webhookId}` }),
  updateWebhook: ({ webhookId }) => ({
    method: 'patch',
    path: `/webhooks/${webhookId}`,
    body: { types: ['member.added'] },
  }),
  deleteWebhook: ({ webhookId }) => ({ method: 'delete', path: `/webhooks/${webhookId}` }),
  rotateSecret: ({ webhookId }) => ({ method: 'post', path: `/webhooks/${webhookId}/rotate-secret` }),
  sendTestEvent: ({ webhookId }) => ({ method: 'post', path: `/webhooks/${webhookId}/test` }),
  listDeliveries: ({ webhookId }) => ({ method: 'get', path: `/webhooks/${webhookId}/deliveries` }),
  redeliver: ({ webhookId, deliveryId }) => ({
    method: 'post',
    path: `/webhooks/${webhookId}/deliveries/${deliveryId}/redeliver`,
  }),
  listOpenInvitations: () => ({ method: 'get', path: '/invitations' }),
  previewInvitation: ({ invitationId }) => ({ method: 'get', path: `/invitations/${invitationId}` }),
  acceptInvitation: ({ invitationId }) => ({ method: 'post', path: `/invitations/${invitationId}/accept` }),
  declineInvitation: ({ invitationId }) => ({ method: 'post', path: `/invitations/${invitationId}/decline` }),
}

export function callOf(operationId: string, place: Place): Call {
  const call = CALLS[operationId]
  if (!call) throw new Error(`test/support/operations.ts does not know how to call ${operationId}`)
  return call(place)
}

export function send(
  caller: Caller,
  { method, path, body }: Call,
  headers?: Record<string, string>,
): Promise<Reply> {
  if (method === 'get' || method === 'delete') return caller[method](path, headers)
  return caller[method](path, body, headers)
}

export interface Operation {
  readonly operationId: string
  readonly method: string
  readonly path: string
  readonly parameters: readonly string[]
}

interface Described {
  readonly operationId: string
  readonly parameters?: readonly { readonly name: string }[]
}

/** Reads the operations from the contract that Muster serves. */
export async function operationsOf(muster: Muster): Promise<Operation[]> {
  const response = await fetch(`${muster.url}/openapi.json`)
  const { paths } = (await response.json()) as { paths: Record<string, Record<string, Described>> }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, parameters = [] }]) => ({
      operationId,
      method,
      path,
      parameters: parameters.map(({ name }) => name),
    })),
  )
}
