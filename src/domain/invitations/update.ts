import type { Db } from '../../db/client.ts'
import { lockOrgFor } from '../access/authorize.ts'
import type { Actor } from '../actor.ts'
import type { Role } from '../roles.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { type Invitation, invitationNotFound, notPending, refuseOpenAdmin } from './invitation.ts'
import { editPending, findInvitation } from './queries/lifecycle.ts'

/**
 * Changes what a pending invitation offers; a new term counts from now. The secret stays. Six round trips.
 *
 * @throws org_not_found, forbidden, invitation_not_found, version_mismatch, role_not_allowed, invitation_not_pending.
 */
export async function updateInvitation(
  db: Db,
  actor: Actor,
  input: {
    orgId: string
    invitationId: string
    change: { role?: Role; expiresInDays?: number }
    ifMatch?: IfMatch
  },
): Promise<Invitation> {
  const place = { orgId: input.orgId, id: input.invitationId }
  return db.transaction(async (tx) => {
    await lockOrgFor(tx, actor, 'invitations:manage', place.orgId)
    const invitation = await findInvitation(tx, place)
    if (!invitation) throw invitationNotFound()
    refuseStale(invitation, input.ifMatch)
    if (input.change.role) refuseOpenAdmin(invitation.email, input.change.role)
    if (invitation.status !== 'pending') throw notPending()
    if (Object.keys(input.change).length === 0) return invitation
    const edited = await editPending(tx, place, actor, input.change)
    if (!edited) throw notPending()
    return edited
  })
}
