import type { Db } from '../../db/client.ts'
import { lockOrgFor } from '../access/authorize.ts'
import type { Actor } from '../actor.ts'
import { DomainError } from '../errors.ts'
import { handOut, type InvitationSettings } from './hand-out.ts'
import { type DraftInput, draft, type HandedOut } from './invitation.ts'
import { refuseInviteOverLimit } from './limits.ts'
import { insertInvitation, retireLapsed } from './queries/lifecycle.ts'
import { countBeforeInvite, lockCounters } from './queries/sendings.ts'

/**
 * Invites an address, or makes an open code. Twelve round trips, ten for an open code.
 *
 * @throws org_not_found, forbidden, invalid_request, role_not_allowed, already_member, already_invited, rate_limited.
 */
export async function invite(
  db: Db,
  settings: InvitationSettings,
  actor: Actor,
  orgId: string,
  input: DraftInput,
): Promise<HandedOut> {
  const wanted = draft(input)
  return db.transaction(async (tx) => {
    await lockOrgFor(tx, actor, 'invitations:manage', orgId)
    await lockCounters(tx, actor, wanted.notify ? wanted.email : null)
    const counts = await countBeforeInvite(tx, orgId, actor, wanted.email)
    if (counts.isMember)
      throw new DomainError('already_member', 'Somebody with this address is a member already.')
    refuseInviteOverLimit(settings.limits, counts, { person: actor.type === 'user', mails: wanted.notify })
    if (wanted.email !== null) await retireLapsed(tx, orgId, wanted.email)
    const invitation = await insertInvitation(tx, orgId, actor, wanted)
    return handOut(tx, settings, actor, invitation, false)
  })
}
