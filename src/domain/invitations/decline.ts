import { type Db, together } from '../../db/client.ts'
import { refuseService } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { DomainError } from '../errors.ts'
import { invitationDeclined } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { storeProfile } from '../users/queries/profiles.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { refuseEnded, refuseStranger } from './claim.ts'
import type { Invitation } from './invitation.ts'
import type { Guesser } from './limits.ts'
import { lockClaim } from './lock.ts'
import { markDeclined } from './queries/claims.ts'

/**
 * Declines an invitation for the addressed person. A second time is no error.
 *
 * @throws rate_limited, invitation_not_found, not_addressed for an open code, email_unverified, email_mismatch,
 *   invitation_used, invitation_revoked, invitation_expired, version_mismatch; forbidden for a service.
 */
export async function declineInvitation(
  db: Db,
  actor: Actor,
  input: { code: string; reason?: string; ifMatch?: IfMatch; guesser?: Guesser },
): Promise<Invitation> {
  refuseService(actor)
  return db.transaction(async (tx) => {
    const { invitation } = await lockClaim(tx, actor, input)
    if (invitation.email === null)
      throw new DomainError(
        'not_addressed',
        'An open code is not addressed to anyone, so there is nothing to decline.',
      )
    refuseStranger(invitation, actor)
    if (invitation.status === 'declined') return invitation
    refuseEnded(invitation)
    refuseStale(invitation, input.ifMatch)
    const [declined] = await together(
      markDeclined(tx, invitation, input.reason ?? null, actor.id),
      // Stores the person who answers, so that they can be erased.
      storeProfile(tx, actor),
      record(tx, actor, invitation.orgId, invitationDeclined(invitation)),
    )
    if (!declined) throw new DomainError('invitation_expired', 'This invitation has just expired.')
    return declined
  })
}
