import type { Tx } from '../../db/client.ts'
import { lockOrgFor } from '../access/authorize.ts'
import type { Actor, User } from '../actor.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { type Claim, type Invitation, invitationNotFound } from './invitation.ts'
import { keyOf } from './key.ts'
import { findClaim, findInvitation, lockOrgOfInvitation } from './queries/lifecycle.ts'

/**
 * Opens what an Admin does to an invitation: the org's lock, then the invitation as it is now. Three round trips.
 *
 * @throws org_not_found, forbidden, invitation_not_found, version_mismatch.
 */
export async function lockInvitationFor(
  tx: Tx,
  actor: Actor,
  { orgId, invitationId, ifMatch }: { orgId: string; invitationId: string; ifMatch?: IfMatch },
): Promise<Invitation> {
  await lockOrgFor(tx, actor, 'invitations:manage', orgId)
  const invitation = await findInvitation(tx, { orgId, id: invitationId })
  if (!invitation) throw invitationNotFound()
  refuseStale(invitation, ifMatch)
  return invitation
}

/**
 * Opens what the invited do: the lock of the org that the code leads to, then all that decides. Two round trips.
 *
 * @throws invitation_not_found, also for a code that a resend has just replaced.
 */
export async function lockClaim(tx: Tx, user: User, code: string): Promise<Claim> {
  const key = keyOf(code, user)
  const place = await lockOrgOfInvitation(tx, key)
  const claim = place && (await findClaim(tx, place, key, user))
  if (!claim) throw invitationNotFound()
  return claim
}
