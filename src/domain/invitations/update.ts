import type { Db } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import type { Role } from '../roles.ts'
import type { IfMatch } from '../version.ts'
import { type Invitation, notPending, refuseOpenAdmin } from './invitation.ts'
import { lockInvitationFor } from './lock.ts'
import { editPending } from './queries/lifecycle.ts'

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
  return db.transaction(async (tx) => {
    const invitation = await lockInvitationFor(tx, actor, input)
    if (input.change.role) refuseOpenAdmin(invitation.email, input.change.role)
    if (invitation.status !== 'pending') throw notPending()
    if (Object.keys(input.change).length === 0) return invitation
    const edited = await editPending(tx, invitation, actor, input.change)
    if (!edited) throw notPending()
    return edited
  })
}
