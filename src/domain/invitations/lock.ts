import { type Tx, together } from '../../db/client.ts'
import type { Actor, User } from '../actor.ts'
import { lockOrgFor } from '../orgs/lock.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { type Claim, keyOf } from './claim.ts'
import { type Invitation, invitationNotFound } from './invitation.ts'
import { type Guesser, refuseGuesser } from './limits.ts'
import { findClaim, lockOrgOfInvitation } from './queries/claims.ts'
import { findInvitation } from './queries/lifecycle.ts'

/**
 * Opens what an Admin does to an invitation: takes the org's lock, then reads the invitation.
 *
 * @throws org_not_found, forbidden, invitation_not_found, version_mismatch.
 */
export async function lockInvitationFor(
  tx: Tx,
  actor: Actor,
  { orgId, invitationId, ifMatch }: { orgId: string; invitationId: string; ifMatch?: IfMatch },
): Promise<Invitation> {
  const [, invitation] = await together(
    lockOrgFor(tx, actor, 'invitations:manage', orgId),
    findInvitation(tx, { orgId, id: invitationId }),
  )
  if (!invitation) throw invitationNotFound()
  refuseStale(invitation, ifMatch)
  return invitation
}

/**
 * Opens what the invited do: locks the org that the code leads to, then reads all that decides.
 *
 * @throws rate_limited; invitation_not_found, also for a code that a resend has just replaced.
 */
export async function lockClaim(
  tx: Tx,
  user: User,
  { code, guesser }: { code: string; guesser?: Guesser },
): Promise<Claim> {
  const key = keyOf(code, user)
  const [place, claim] = await together(
    lockOrgOfInvitation(tx, key, guesser?.triedBy ?? []),
    findClaim(tx, key, user),
  )
  if (guesser && place) refuseGuesser(guesser, place.guesses)
  // Trusts only what was read of the locked org.
  if (!place || claim?.invitation.orgId !== place.orgId) throw invitationNotFound()
  return claim
}
