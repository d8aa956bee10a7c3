import type { Invitation } from '../invitations/invitation.ts'
import type { Source } from '../members/member.ts'
import type { Org } from '../orgs/org.ts'
import type { ResourceRole } from '../resources/grant.ts'
import type { Resource } from '../resources/resource.ts'
import type { Role } from '../roles.ts'
import type { Change, EventData, Subject } from './event.ts'

// Each function here describes one kind of change, so that a verb records it in a word.

const toUser = (id: string): Subject => ({ type: 'user', id })
const toOrg = ({ id }: Pick<Org, 'id'>): Subject => ({ type: 'organization', id })
const toResource = ({ id }: Pick<Resource, 'id'>): Subject => ({ type: 'resource', id })
const toInvitation = ({ id }: Pick<Invitation, 'id'>): Subject => ({ type: 'invitation', id })
const toWebhook = (id: string): Subject => ({ type: 'webhook', id })

type OrgField = 'name' | 'slug' | 'logoUrl' | 'memberAccess' | 'externalId'

export function orgCreated(
  { id, name, slug, logoUrl, memberAccess, externalId }: Pick<Org, 'id' | OrgField>,
  personal = false,
): Change {
  return {
    type: 'org.created',
    subject: toOrg({ id }),
    data: { name, slug, logoUrl, memberAccess, externalId, personal },
  }
}

export function orgUpdated({ id, name, slug, logoUrl, memberAccess }: Org, change: object): Change {
  const changed = Object.keys(change)
  return {
    type: 'org.updated',
    subject: toOrg({ id }),
    data: { name, slug, logoUrl, memberAccess, changed },
  }
}

export function orgDeleted(org: Org): Change {
  return { type: 'org.deleted', subject: toOrg(org), data: {} }
}

export function orgRestored(org: Org): Change {
  return { type: 'org.restored', subject: toOrg(org), data: {} }
}

export function memberAdded(userId: string, role: Role, source: Source): Change {
  return { type: 'member.added', subject: toUser(userId), data: { role, source } }
}

export function roleChanged(userId: string, previousRole: Role, role: Role): Change {
  return { type: 'member.role_changed', subject: toUser(userId), data: { role, previousRole } }
}

export function memberRemoved(userId: string): Change {
  return { type: 'member.removed', subject: toUser(userId), data: {} }
}

export function memberLeft(userId: string): Change {
  return { type: 'member.left', subject: toUser(userId), data: {} }
}

type InvitationFace = Pick<Invitation, 'id' | keyof EventData['invitation.created']>

export function invitationCreated(invitation: InvitationFace): Change {
  return { type: 'invitation.created', subject: toInvitation(invitation), data: faceOf(invitation) }
}

export function invitationResent(invitation: InvitationFace): Change {
  return { type: 'invitation.resent', subject: toInvitation(invitation), data: faceOf(invitation) }
}

export function invitationUpdated(invitation: InvitationFace, change: object): Change {
  const data = { ...faceOf(invitation), changed: Object.keys(change) }
  return { type: 'invitation.updated', subject: toInvitation(invitation), data }
}

/** @param uses the uses so far, this one included. */
export function invitationAccepted(invitation: InvitationFace, uses: number): Change {
  const data = { ...faceOf(invitation), uses }
  return { type: 'invitation.accepted', subject: toInvitation(invitation), data }
}

export function invitationDeclined(invitation: InvitationFace): Change {
  return { type: 'invitation.declined', subject: toInvitation(invitation), data: faceOf(invitation) }
}

export function invitationRevoked(invitation: InvitationFace): Change {
  return { type: 'invitation.revoked', subject: toInvitation(invitation), data: faceOf(invitation) }
}

function faceOf(invitation: InvitationFace): EventData['invitation.created'] {
  const { email, role, resourceRoles, maxUses, expiresAt } = invitation
  return { email, role, resourceRoles, maxUses, expiresAt }
}

type ResourceFace = Pick<Resource, 'id' | 'type' | 'name' | 'externalId'>

export function resourceCreated(resource: ResourceFace & Pick<Resource, 'parentId' | 'path'>): Change {
  const { type, name, externalId, parentId, path } = resource
  return {
    type: 'resource.created',
    subject: toResource(resource),
    data: { type, name, externalId, parentId, path },
  }
}

export function resourceUpdated(resource: ResourceFace, change: object): Change {
  const { type, name, externalId } = resource
  const changed = Object.keys(change)
  return {
    type: 'resource.updated',
    subject: toResource(resource),
    data: { type, name, externalId, changed },
  }
}

export function resourceMoved(
  resource: Pick<Resource, 'id' | 'parentId' | 'path'>,
  previousParentId: string | null,
): Change {
  const { parentId, path } = resource
  return { type: 'resource.moved', subject: toResource(resource), data: { parentId, previousParentId, path } }
}

/** @param below the number of resources that lay below it. */
export function resourceDeleted(resource: Resource, below: number): Change {
  return { type: 'resource.deleted', subject: toResource(resource), data: { type: resource.type, below } }
}

export function grantAdded(userId: string, { resourceId, role }: ResourceRole): Change {
  return { type: 'grant.added', subject: toUser(userId), data: { resourceId, role } }
}

export function grantChanged(userId: string, { resourceId, role }: ResourceRole, previousRole: Role): Change {
  return { type: 'grant.changed', subject: toUser(userId), data: { resourceId, role, previousRole } }
}

export function grantRemoved(userId: string, { resourceId, role }: ResourceRole): Change {
  return { type: 'grant.removed', subject: toUser(userId), data: { resourceId, role } }
}

/** Names the owner of the invoice information, and tells nothing of it. */
export function billingUpdated({ orgId, resourceId }: { orgId: string; resourceId?: string }): Change {
  const subject = resourceId === undefined ? toOrg({ id: orgId }) : toResource({ id: resourceId })
  return { type: 'billing.updated', subject, data: {} }
}

/** @param pseudonym the id that stands for the person from now on, wherever they were named. */
export function userErased(pseudonym: string): Change {
  return { type: 'user.erased', subject: toUser(pseudonym), data: {} }
}

export function webhookCreated(id: string, types: readonly string[] | null): Change {
  return { type: 'webhook.created', subject: toWebhook(id), data: { types } }
}

export function webhookUpdated(id: string, change: object): Change {
  return { type: 'webhook.updated', subject: toWebhook(id), data: { changed: Object.keys(change) } }
}

export function webhookDeleted(id: string): Change {
  return { type: 'webhook.deleted', subject: toWebhook(id), data: {} }
}

export function webhookSecretRotated(id: string): Change {
  return { type: 'webhook.secret_rotated', subject: toWebhook(id), data: {} }
}

export function webhookDisabled(id: string, reason: 'gone' | 'failing'): Change {
  return { type: 'webhook.disabled', subject: toWebhook(id), data: { reason } }
}

export function webhookTest(id: string): Change {
  return { type: 'webhook.test', subject: toWebhook(id), data: {} }
}
