import type { Db } from '../../db/client.ts'
import { theOne } from '../../db/client.ts'
import { refuseService } from '../access/authorize.ts'
import type { Actor } from '../actor.ts'
import { DomainError } from '../errors.ts'
import type { Member } from '../members/member.ts'
import { findMember, insertMember } from '../members/queries.ts'
import { storeProfile } from '../users/queries.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { invitationNotFound, refuseClosed, refuseStranger } from './invitation.ts'
import { keyOf } from './key.ts'
import { claimUse, findClaim, insertAcceptance, lockOrgOfInvitation } from './queries/lifecycle.ts'

export interface Accepted {
  readonly membership: Member & { readonly orgId: string }
  /** False when the caller had joined by this invitation before. */
  readonly joined: boolean
}

/**
 * Joins the organisation with the role of the invitation. The org's lock comes first, so that nobody deletes it,
 * revokes, sends again or joins at the same time; then the use is claimed by compare-and-set. Nine round trips.
 *
 * @throws invitation_not_found, email_unverified, email_mismatch, email_domain_not_allowed, invitation_used,
 *   invitation_declined, invitation_revoked, invitation_expired, already_member, version_mismatch;
 *   forbidden for a service.
 */
export async function acceptInvitation(
  db: Db,
  actor: Actor,
  input: { code: string; ifMatch?: IfMatch },
): Promise<Accepted> {
  refuseService(actor)
  const key = keyOf(input.code, actor)
  return db.transaction(async (tx) => {
    const place = await lockOrgOfInvitation(tx, key)
    const claim = place && (await findClaim(tx, place, key, actor))
    if (!claim) throw invitationNotFound()
    const { invitation, callerAccepted, callerIsMember } = claim
    const { orgId } = invitation
    const joined = !(callerAccepted && callerIsMember)
    if (joined) {
      refuseStranger(invitation, actor)
      if (callerAccepted) throw new DomainError('invitation_used', 'You have used this invitation before.')
      refuseClosed(claim)
      if (callerIsMember)
        throw new DomainError('already_member', 'You are a member of this organisation already.')
      refuseStale(invitation, input.ifMatch)
      if (!(await claimUse(tx, invitation)))
        throw new DomainError('invitation_used', 'Somebody else was faster.')
      await storeProfile(tx, actor)
      await insertMember(tx, { orgId, userId: actor.id, role: invitation.role, source: 'invitation' })
      await insertAcceptance(tx, invitation, actor.id)
    }
    return { membership: { orgId, ...theOne(await findMember(tx, orgId, actor.id)) }, joined }
  })
}
