import type { Invitation } from '../invitations/invitation.ts'
import type { Source } from '../members/member.ts'
import type { Org } from '../orgs/org.ts'
import type { ResourceRole } from '../resources/grant.ts'
import type { Resource } from '../resources/resource.ts'
import type { Role } from '../roles.ts'

/**
 * Data of each type of event, besides who did it, to what, and when. It is enough to keep a copy in step. Of people it
 * has only ids and the addresses of invitations; it has no code, no secret and nothing of an invoice. Things that end
 * with another thing have no event of their own: grants end with the membership or the resource, everything below a
 * resource ends with it, and everything in an organisation ends with it.
 */
export interface EventData {
  /** `personal`: Muster made it for a user who signed up, and named it after them. */
  'org.created': OrgFace & Pick<Org, 'externalId'> & { readonly personal: boolean }
  'org.updated': OrgFace & Changed
  'org.deleted': Nothing
  'org.restored': Nothing
  'member.added': { readonly role: Role; readonly source: Source }
  'member.role_changed': RoleChange
  'member.removed': Nothing
  'member.left': Nothing
  'invitation.created': Offer
  'invitation.resent': Offer
  'invitation.updated': Offer & Changed
  'invitation.accepted': Offer & { readonly uses: number }
  'invitation.declined': Offer
  'invitation.revoked': Offer
  'resource.created': ResourceFace & Pick<Resource, 'parentId' | 'path'>
  'resource.updated': ResourceFace & Changed
  /** Everything below the resource moves with it. */
  'resource.moved': Pick<Resource, 'parentId' | 'path'> & { readonly previousParentId: string | null }
  /** `below`: the number of resources below it that were deleted with it. */
  'resource.deleted': { readonly type: string; readonly below: number }
  'grant.added': ResourceRole
  'grant.changed': ResourceRole & RoleChange
  'grant.removed': ResourceRole
  'billing.updated': Nothing
  /** The subject is a pseudonym, here as in all earlier events of the person. */
  'user.erased': Nothing
  'webhook.created': { readonly types: readonly string[] | null }
  'webhook.updated': Changed
  'webhook.deleted': Nothing
  'webhook.secret_rotated': Nothing
  /** `gone`: the endpoint answered that it is gone. `failing`: it failed for days. */
  'webhook.disabled': { readonly reason: 'gone' | 'failing' }
  'webhook.test': Nothing
}

export type EventType = keyof EventData

/** Types in the order of the contract. */
export const EVENT_TYPES = [
  'org.created',
  'org.updated',
  'org.deleted',
  'org.restored',
  'member.added',
  'member.role_changed',
  'member.removed',
  'member.left',
  'invitation.created',
  'invitation.resent',
  'invitation.updated',
  'invitation.accepted',
  'invitation.declined',
  'invitation.revoked',
  'resource.created',
  'resource.updated',
  'resource.moved',
  'resource.deleted',
  'grant.added',
  'grant.changed',
  'grant.removed',
  'billing.updated',
  'user.erased',
  'webhook.created',
  'webhook.updated',
  'webhook.deleted',
  'webhook.secret_rotated',
  'webhook.disabled',
  'webhook.test',
] as const satisfies readonly EventType[]

type OrgFace = Pick<Org, 'name' | 'slug' | 'logoUrl' | 'memberAccess'>
type ResourceFace = Pick<Resource, 'type' | 'name' | 'externalId'>
type Offer = Pick<Invitation, 'email' | 'role' | 'resourceRoles' | 'maxUses' | 'expiresAt'>

interface RoleChange {
  readonly role: Role
  readonly previousRole: Role
}

interface Changed {
  /** The names of the fields that were set. */
  readonly changed: readonly string[]
}

type Nothing = Readonly<Record<string, never>>

/** The thing that it happened to. For a member and for a grant, it is the user who has it. */
export interface Subject {
  readonly type: 'organization' | 'user' | 'invitation' | 'resource' | 'webhook'
  readonly id: string
}

/** A change that has just happened, to be recorded. */
export type Change = {
  [T in EventType]: { readonly type: T; readonly subject: Subject; readonly data: EventData[T] }
}[EventType]

/** The actor of an event; the system, when no caller asked for it. */
export interface EventActor {
  readonly type: 'user' | 'service' | 'system'
  /** The `sub` of a user or a service; null for the system. */
  readonly userId: string | null
}

/** An event as it is shown to every caller who may see it. */
export interface Event {
  readonly id: string
  readonly type: EventType
  /** Null when it belongs to no organisation. */
  readonly orgId: string | null
  readonly actor: EventActor
  readonly subject: Subject
  readonly data: Readonly<Record<string, unknown>>
  readonly occurredAt: Date
  /** Counts the events of the organisation from 1, without gaps; null when there is no organisation. */
  readonly sequence: number | null
}
