import { type Db, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { invitationResent } from '../events/changes.ts'
import { record } from '../events/record.ts'
import type { IfMatch } from '../version.ts'
import { alreadyMember, type HandedOut, type InvitationSettings, notPending } from './invitation.ts'
import { refuseResendOverLimit } from './limits.ts'
import { lockInvitationFor } from './lock.ts'
import { renew } from './queries/lifecycle.ts'
import { countBeforeResend, deleteCodes, handOut, lockCounters } from './queries/sendings.ts'

/**
 * Gives an invitation, also one that has lapsed, a new code and a new term. Sends a new mail if the first one went by
 * mail. The old code is dead once this answers.
 *
 * @throws org_not_found, forbidden, invitation_not_found, version_mismatch, rate_limited; invitation_not_pending when
 *   it was accepted, declined or revoked; already_invited when a new one took its place; already_member.
 */
export async function resendInvitation(
  db: Db,
  actor: Actor,
  input: { orgId: string; invitationId: string; ifMatch?: IfMatch },
  settings: InvitationSettings,
): Promise<HandedOut> {
  return db.transaction(async (tx) => {
    const invitation = await lockInvitationFor(tx, actor, input)
    if (!['pending', 'expired'].includes(invitation.status)) throw notPending()
    const mailed = invitation.delivery === 'none' ? null : invitation.email
    const [, { expiresAt, isMember, ...counts }] = await together(
      lockCounters(tx, mailed, actor),
      countBeforeResend(tx, invitation, mailed),
    )
    if (isMember) throw alreadyMember()
    refuseResendOverLimit(settings.limits, counts, {
      lapsed: invitation.status === 'expired',
      mails: mailed !== null,
    })
    const { orgId, id } = invitation
    const [renewed, , , secret] = await together(
      renew(tx, invitation, { expiresAt }, actor),
      deleteCodes(tx, invitation),
      record(tx, actor, orgId, invitationResent({ ...invitation, expiresAt })),
      handOut(tx, { orgId, id, mailTo: mailed, resend: true }, settings, actor),
    )
    if (!renewed) throw notPending()
    return { ...renewed, ...secret }
  })
}
