import type { Db } from '../../db/client.ts'
import { lockOrgFor } from '../access/authorize.ts'
import type { Actor } from '../actor.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { type Invitation, invitationNotFound, notPending } from './invitation.ts'
import { findInvitation, markRevoked } from './queries/lifecycle.ts'

/**
 * Nobody joins by it after the answer. One that is revoked already stays so. Six round trips.
 *
 * @throws org_not_found, forbidden, invitation_not_found, version_mismatch;
 *   invitation_not_pending when it was accepted or declined.
 */
export async function revokeInvitation(
  db: Db,
  actor: Actor,
  input: { orgId: string; invitationId: string; ifMatch?: IfMatch },
): Promise<Invitation> {
  const place = { orgId: input.orgId, id: input.invitationId }
  return db.transaction(async (tx) => {
    await lockOrgFor(tx, actor, 'invitations:manage', place.orgId)
    const invitation = await findInvitation(tx, place)
    if (!invitation) throw invitationNotFound()
    refuseStale(invitation, input.ifMatch)
    if (invitation.status === 'revoked') return invitation
    const revoked = await markRevoked(tx, place)
    if (!revoked) throw notPending()
    return revoked
  })
}
