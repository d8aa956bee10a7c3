import type { Db } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { invitationResent } from '../events/changes.ts'
import { record } from '../events/record.ts'
import type { IfMatch } from '../version.ts'
import { handOut, type InvitationSettings } from './hand-out.ts'
import { alreadyMember, type HandedOut, notPending } from './invitation.ts'
import { refuseResendOverLimit } from './limits.ts'
import { lockInvitationFor } from './lock.ts'
import { renew } from './queries/lifecycle.ts'
import { countBeforeResend, deleteCodes, lockCounters } from './queries/sendings.ts'

/**
 * A new code, a new term, and a new mail where the first one went by mail; the old code is dead with the answer.
 * Also for an invitation that has lapsed. Thirteen round trips.
 *
 * @throws org_not_found, forbidden, invitation_not_found, version_mismatch, rate_limited;
 *   invitation_not_pending when it was accepted, declined or revoked; already_invited when a new one took its place; already_member.
 */
export async function resendInvitation(
  db: Db,
  settings: InvitationSettings,
  actor: Actor,
  input: { orgId: string; invitationId: string; ifMatch?: IfMatch },
): Promise<HandedOut> {
  return db.transaction(async (tx) => {
    const invitation = await lockInvitationFor(tx, actor, input)
    if (!['pending', 'expired'].includes(invitation.status)) throw notPending()
    const mailed = invitation.delivery === 'none' ? null : invitation.email
    await lockCounters(tx, actor, mailed)
    const counts = await countBeforeResend(tx, invitation, mailed)
    if (counts.isMember) throw alreadyMember()
    refuseResendOverLimit(settings.limits, counts, {
      lapsed: invitation.status === 'expired',
      mails: mailed !== null,
    })
    const renewed = await renew(tx, invitation, actor)
    if (!renewed) throw notPending()
    await deleteCodes(tx, invitation)
    await record(tx, actor, renewed.orgId, invitationResent(renewed))
    return handOut(tx, settings, actor, renewed, true)
  })
}
