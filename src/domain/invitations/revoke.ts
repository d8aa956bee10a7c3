import { type Db, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { invitationRevoked } from '../events/changes.ts'
import { record } from '../events/record.ts'
import type { IfMatch } from '../version.ts'
import { type Invitation, notPending } from './invitation.ts'
import { lockInvitationFor } from './lock.ts'
import { markRevoked } from './queries/lifecycle.ts'

/**
 * Revokes an invitation: no one joins by it once this answers. A revoked one stays as it is.
 *
 * @throws org_not_found, forbidden, invitation_not_found, version_mismatch; invitation_not_pending when it was accepted
 *   or declined.
 */
export async function revokeInvitation(
  db: Db,
  actor: Actor,
  input: { orgId: string; invitationId: string; ifMatch?: IfMatch },
): Promise<Invitation> {
  return db.transaction(async (tx) => {
    const invitation = await lockInvitationFor(tx, actor, input)
    if (invitation.status === 'revoked') return invitation
    const [revoked] = await together(
      markRevoked(tx, invitation),
      record(tx, actor, invitation.orgId, invitationRevoked(invitation)),
    )
    if (!revoked) throw notPending()
    return revoked
  })
}
