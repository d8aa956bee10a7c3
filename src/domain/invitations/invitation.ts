import type { NamedActor } from '../actor.ts'
import { DomainError } from '../errors.ts'
import type { ResourceRole } from '../resources/grant.ts'
import type { Role } from '../roles.ts'
import type { Secret } from './code.ts'
import type { Limits } from './limits.ts'

export const STATUSES = ['pending', 'accepted', 'declined', 'revoked', 'expired'] as const

export type Status = (typeof STATUSES)[number]

/** `queued` until the mail server has taken it; `none` when the inviter was given the secret. */
export type Delivery = 'none' | 'queued' | 'sent' | 'failed'

export interface Invitation {
  readonly id: string
  readonly orgId: string
  /** Null for an open code, which anyone who has it may use. */
  readonly email: string | null
  readonly role: Role
  /** Rights on resources that come with it, by the id of the resource. */
  readonly resourceRoles: ResourceRole[]
  /** The status by the database's clock: a pending invitation whose time is over reads as expired. */
  readonly status: Status
  readonly maxUses: number
  readonly uses: number
  readonly allowedEmailDomains: string[]
  readonly message: string | null
  readonly invitedBy: NamedActor
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

/** The invitation with its secret. */
export type HandedOut = Invitation & Secret

export interface InvitationSettings {
  /** The page to which the invited go; see `acceptUrl`. */
  readonly appUrl: string
  readonly limits: Limits
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
