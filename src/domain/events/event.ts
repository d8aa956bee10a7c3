import type { Invitation } from '../invitations/invitation.ts'
import type { Source } from '../members/member.ts'
import type { Org } from '../orgs/org.ts'
import type { ResourceRole } from '../resources/grant.ts'
import type { Resource } from '../resources/resource.ts'
import type { Role } from '../roles.ts'

/**
 * What each type of event tells besides who did it, to what, and when: enough to keep a copy in step, and of people
 * only ids and the addresses of invitations; no code, no secret and nothing of an invoice. What ends with something else has no event of its own: grants end with
 * the membership or the resource, everything below a resource with it, and all of an organisation with it.
 */
export interface EventData {
  /** `personal`: Muster made it for somebody who signed up, and named it after them. */
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
  /** Everything below moved with it. */
  'resource.moved': Pick<Resource, 'parentId' | 'path'> & { readonly previousParentId: string | null }
  /** `below`: how many resources below it went with it. */
  'resource.deleted': { readonly type: string; readonly below: number }
  'grant.added': ResourceRole
  'grant.changed': ResourceRole & RoleChange
  'grant.removed': ResourceRole
  'billing.updated': Nothing
  /** Its subject is a pseudonym, here as in all that the person did before. */
  'user.erased': Nothing
  'webhook.created': { readonly types: readonly string[] | null }
  'webhook.updated': Changed
  'webhook.deleted': Nothing
  'webhook.secret_rotated': Nothing
  /** Because it answered that it is gone, or failed for days. */
  'webhook.disabled': { readonly reason: 'gone' | 'failing' }
  'webhook.test': Nothing
}

export type EventType = keyof EventData

/** In the order of the contract. */
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

/** What it happened to. A member and a grant are told as the user who has it. */
export interface Subject {
  readonly type: 'organization' | 'user' | 'invitation' | 'resource' | 'webhook'
  readonly id: string
}

/** Something that has just happened, to be recorded. */
export type Change = {
  [T in EventType]: { readonly type: T; readonly subject: Subject; readonly data: EventData[T] }
}[EventType]

/** Who did it; the system, where nobody asked for it. */
export interface EventActor {
  readonly type: 'user' | 'service' | 'system'
  /** A service's `sub` too; null for the system. */
  readonly userId: string | null
}

/** Something that has happened, as everybody who may is told of it. */
export interface Event {
  readonly id: string
  readonly type: EventType
  /** Null: of no organisation. */
  readonly orgId: string | null
  readonly actor: EventActor
  readonly subject: Subject
  readonly data: Readonly<Record<string, unknown>>
  readonly occurredAt: Date
  /** Counts the events of the organisation from 1, without gaps; null where there is none. */
  readonly sequence: number | null
}
