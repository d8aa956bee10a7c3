import type { User } from '../actor.ts'
import { DomainError } from '../errors.ts'
import type { ResourceRole } from '../resources/grant.ts'
import type { Role } from '../roles.ts'
import { canonicalDomain, canonicalEmail, domainOf } from '../users/email.ts'

export const STATUSES = ['pending', 'accepted', 'declined', 'revoked', 'expired'] as const

export type Status = (typeof STATUSES)[number]

/** `queued` until the mail server has taken it; `none` where the secret was given to the inviter. */
export type Delivery = 'none' | 'queued' | 'sent' | 'failed'

export interface Inviter {
  readonly type: 'user' | 'service'
  readonly userId: string
  readonly name: string | null
}

export interface Invitation {
  readonly id: string
  readonly orgId: string
  /** Null: an open code, for whoever holds it. */
  readonly email: string | null
  readonly role: Role
  /** Rights on resources that come with it, by the id of the resource. */
  readonly resourceRoles: ResourceRole[]
  /** By the database's clock: a pending one whose time is over reads as expired. */
  readonly status: Status
  readonly maxUses: number
  readonly uses: number
  readonly allowedEmailDomains: string[]
  readonly message: string | null
  readonly invitedBy: Inviter
  readonly delivery: Delivery
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly acceptedAt: Date | null
  readonly declinedAt: Date | null
  readonly declineReason: string | null
  readonly revokedAt: Date | null
  readonly lastSentAt: Date | null
  readonly metadata: Record<string, unknown>
  readonly version: number
}

/** The secret where an answer is the one place it goes to; nothing where a mail is. */
export interface Secret {
  readonly code?: string
  readonly acceptUrl?: string
}

/** The invitation, with its secret. */
export type HandedOut = Invitation & Secret

/** What an Admin asks for, once its addresses are in the one spelling. */
export interface Draft {
  readonly email: string | null
  readonly role: Role
  readonly resourceRoles: ResourceRole[]
  readonly expiresInDays: number
  readonly maxUses: number
  readonly allowedEmailDomains: string[]
  readonly message: string | null
  readonly metadata: Record<string, unknown>
  readonly notify: boolean
}

/** When an invitation that is made or renewed now will lapse, by the database's clock. */
export interface Term {
  readonly expiresAt: Date
}

/** What of a pending invitation can be changed; `resourceRoles` is replaced whole. */
export interface InvitationChange {
  readonly role?: Role
  readonly resourceRoles?: ResourceRole[]
  readonly expiresInDays?: number
}

export type DraftInput = Partial<Omit<Draft, 'email'>> & { email?: string | undefined }

/** @throws invalid_request, role_not_allowed. */
export function draft(input: DraftInput): Draft {
  const email = input.email === undefined ? null : addressOf(input.email)
  const role = input.role ?? 'member'
  const { maxUses = 1, allowedEmailDomains = [] } = input
  const offered = offer({ email, role, resourceRoles: input.resourceRoles ?? [] })
  if (email !== null && maxUses > 1) throw invalid('/maxUses', 'An invitation for an address is used once.')
  if (email !== null && allowedEmailDomains.length > 0)
    throw invalid('/allowedEmailDomains', 'Only an open code, one without `email`, can allow domains.')
  return {
    ...offered,
    maxUses,
    allowedEmailDomains: [...new Set(allowedEmailDomains.map(allowedDomain))],
    expiresInDays: input.expiresInDays ?? 7,
    message: input.message ?? null,
    metadata: input.metadata ?? {},
    notify: (input.notify ?? true) && email !== null,
  }
}

/** What somebody is invited to. */
type Offered = Pick<Draft, 'email' | 'role' | 'resourceRoles'>

/**
 * The offer in its one spelling. Whoever finds an open code could use it; so it never makes an Admin, of the
 * organisation or of a resource.
 *
 * @throws role_not_allowed, invalid_request.
 */
export function offer({ email, role, resourceRoles }: Offered): Offered {
  if (email === null && role === 'admin') throw openAdmin('/role')
  const byId = new Map<string, ResourceRole>()
  for (const [position, { resourceId, role: roleThere }] of resourceRoles.entries()) {
    const pointer = `/resourceRoles/${position}`
    if (email === null && roleThere === 'admin') throw openAdmin(`${pointer}/role`)
    const id = resourceId.toLowerCase()
    if (byId.has(id)) throw invalid(`${pointer}/resourceId`, 'This resource is named twice.')
    byId.set(id, { resourceId: id, role: roleThere })
  }
  return { email, role, resourceRoles: [...byId.values()] }
}

/** Vouched for by whoever offers it, and only as long as they are Admin themselves. */
export function offersAdmin({ role, resourceRoles }: Pick<Offered, 'role' | 'resourceRoles'>): boolean {
  return role === 'admin' || resourceRoles.some((right) => right.role === 'admin')
}

function openAdmin(pointer: string): DomainError {
  return new DomainError('role_not_allowed', 'An open code never makes an Admin. Invite by e-mail.', {
    pointer,
  })
}

/** What acceptance knows of an invitation besides itself, read under the org's lock. */
export interface Claim {
  readonly invitation: Invitation
  readonly inviterIsAdmin: boolean
  readonly callerIsMember: boolean
  readonly callerAccepted: boolean
}

/** Is it theirs, is it open, are they in already? In this order, so that a stranger learns nothing of the state. */
export function refuseUnacceptable(claim: Claim, user: User): void {
  refuseStranger(claim.invitation, user)
  if (claim.callerAccepted) throw new DomainError('invitation_used', 'You have used this invitation before.')
  refuseClosed(claim)
  if (claim.callerIsMember)
    throw new DomainError('already_member', 'You are a member of this organisation already.')
}

/** @throws email_unverified, email_mismatch, email_domain_not_allowed: is it for this person at all? */
export function refuseStranger({ email, allowedEmailDomains }: Invitation, user: User): void {
  if (email === null && allowedEmailDomains.length === 0) return
  if (email !== null && user.email !== null && email !== user.email)
    throw new DomainError(
      'email_mismatch',
      'This invitation is for another e-mail address than the one you signed in with.',
    )
  if (user.email === null || !user.emailVerified)
    throw new DomainError(
      'email_unverified',
      'Verify your e-mail address with your identity provider, then try again.',
    )
  if (email === null && !allowedEmailDomains.includes(domainOf(user.email)))
    throw new DomainError('email_domain_not_allowed', 'This code is not for addresses of your e-mail domain.')
}

/** @throws invitation_revoked, invitation_declined, invitation_used, invitation_expired: is it still open? */
export function refuseClosed({
  invitation,
  inviterIsAdmin,
}: Pick<Claim, 'invitation' | 'inviterIsAdmin'>): void {
  const { status } = invitation
  if (status === 'accepted') throw new DomainError('invitation_used', 'This invitation has been used.')
  if (status === 'declined') throw new DomainError('invitation_declined', 'This invitation was declined.')
  if (status === 'revoked') throw new DomainError('invitation_revoked', 'This invitation was revoked.')
  if (status === 'expired')
    throw new DomainError('invitation_expired', 'This invitation has expired. Ask for a new one.')
  if (offersAdmin(invitation) && !inviterIsAdmin)
    throw new DomainError('invitation_revoked', 'Whoever offered you the Admin role is no longer an Admin.')
}

export function alreadyMember(): DomainError {
  return new DomainError('already_member', 'Somebody with this address is a member already.')
}

export function invitationNotFound(): DomainError {
  return new DomainError('invitation_not_found', 'There is no such invitation.')
}

export function notPending(): DomainError {
  return new DomainError('invitation_not_pending', 'This invitation is no longer pending.')
}

function addressOf(text: string): string {
  const email = canonicalEmail(text)
  if (email === null) throw invalid('/email', 'This is not an e-mail address that Muster takes.')
  return email
}

function allowedDomain(text: string, position: number): string {
  const domain = canonicalDomain(text)
  if (domain === null) throw invalid(`/allowedEmailDomains/${position}`, 'This is not a domain name.')
  return domain
}

function invalid(pointer: string, message: string): DomainError {
  return new DomainError('invalid_request', message, { pointer })
}
