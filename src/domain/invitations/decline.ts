import type { Db } from '../../db/client.ts'
import { refuseService } from '../access/authorize.ts'
import type { Actor } from '../actor.ts'
import { DomainError } from '../errors.ts'
import { invitationDeclined } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { storeProfile } from '../users/queries/profiles.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { type Invitation, refuseClosed, refuseStranger } from './invitation.ts'
import { lockClaim } from './lock.ts'
import { markDeclined } from './queries/lifecycle.ts'

/**
 * The addressed person says no; saying it twice is no error. Seven round trips.
 *
 * @throws invitation_not_found, not_addressed for an open code, email_unverified, email_mismatch, invitation_used,
 *   invitation_revoked, invitation_expired, version_mismatch; forbidden for a service.
 */
export async function declineInvitation(
  db: Db,
  actor: Actor,
  input: { code: string; reason?: string; ifMatch?: IfMatch },
): Promise<Invitation> {
  refuseService(actor)
  return db.transaction(async (tx) => {
    const { invitation } = await lockClaim(tx, actor, input.code)
    if (invitation.email === null)
      throw new DomainError(
        'not_addressed',
        'An open code is for nobody in particular; there is nothing to decline.',
      )
    refuseStranger(invitation, actor)
    if (invitation.status === 'declined') return invitation
    refuseClosed({ invitation, inviterIsAdmin: true })
    refuseStale(invitation, input.ifMatch)
    const declined = await markDeclined(tx, invitation, input.reason ?? null, actor.id)
    if (!declined) throw new DomainError('invitation_expired', 'This invitation has just expired.')
    // Whoever answers is known, and can be erased.
    await storeProfile(tx, actor)
    await record(tx, actor, declined.orgId, invitationDeclined(declined))
    return declined
  })
}
