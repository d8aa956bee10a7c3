import type { Actor, User } from '../actor.ts'
import { DomainError } from '../errors.ts'
import { domainOf } from '../users/email.ts'
import { hashCode } from './code.ts'
import { type Invitation, invitationNotFound } from './invitation.ts'

/** The key to an invitation: the hash of its code, or its id with the verified address that it is for. */
export type Key = { readonly hash: Buffer } | { readonly id: string; readonly email: string }

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * Makes the key from what a caller holds: a code, or the id of an invitation that the bell showed to their verified
 * address.
 *
 * @throws invitation_not_found when it can be neither.
 */
export function keyOf(held: string, actor: Actor | undefined): Key {
  const hash = UUID.test(held) ? null : hashCode(held)
  if (hash) return { hash }
  if (UUID.test(held) && actor?.type === 'user' && actor.email !== null && actor.emailVerified)
    return { id: held, email: actor.email }
  throw invitationNotFound()
}

/** An invitation with all else that acceptance has to know, read under the org's lock. */
export interface Claim {
  readonly invitation: Invitation
  readonly inviterIsAdmin: boolean
  readonly callerIsMember: boolean
  readonly callerAccepted: boolean
}

/**
 * Checks that the invitation is for the user, that it is open, and that the user is not a member yet. This order tells
 * a stranger nothing of its state.
 */
export function refuseUnacceptable(claim: Claim, user: User): void {
  refuseStranger(claim.invitation, user)
  if (claim.callerAccepted) throw new DomainError('invitation_used', 'You have used this invitation before.')
  refuseEnded(claim.invitation)
  refuseUnvouched(claim)
  if (claim.callerIsMember)
    throw new DomainError('already_member', 'You are a member of this organisation already.')
}

/** @throws email_unverified, email_mismatch, email_domain_not_allowed when the invitation is not for this user. */
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

/** @throws invitation_revoked, invitation_declined, invitation_used, invitation_expired when it is no longer open. */
export function refuseEnded({ status }: Invitation): void {
  if (status === 'accepted') throw new DomainError('invitation_used', 'This invitation has been used.')
  if (status === 'declined') throw new DomainError('invitation_declined', 'This invitation was declined.')
  if (status === 'revoked') throw new DomainError('invitation_revoked', 'This invitation was revoked.')
  if (status === 'expired')
    throw new DomainError('invitation_expired', 'This invitation has expired. Ask for a new one.')
}

/** @throws invitation_revoked when it makes an Admin and the inviter, who vouches for that, is no longer Admin. */
export function refuseUnvouched({
  invitation,
  inviterIsAdmin,
}: Pick<Claim, 'invitation' | 'inviterIsAdmin'>): void {
  if (makesAdmin(invitation) && !inviterIsAdmin)
    throw new DomainError(
      'invitation_revoked',
      'The person who offered you the Admin role is no longer an Admin.',
    )
}

function makesAdmin({ role, resourceRoles }: Invitation): boolean {
  return role === 'admin' || resourceRoles.some((right) => right.role === 'admin')
}
