import type { Db, Tx } from '../../db/client.ts'
import { lockOrgFor } from '../access/authorize.ts'
import type { Actor } from '../actor.ts'
import { invitationCreated } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { handOut, type InvitationSettings } from './hand-out.ts'
import { alreadyMember, type Draft, type DraftInput, draft, type HandedOut } from './invitation.ts'
import { refuseInviteOverLimit } from './limits.ts'
import { insertInvitation, retireLapsed } from './queries/lifecycle.ts'
import { countBeforeInvite, lockCounters } from './queries/sendings.ts'
import { refuseMissing } from './resource-roles.ts'

/**
 * Invites an address, or makes an open code. Eleven round trips, ten for an open code, one more with rights on
 * resources.
 *
 * @throws org_not_found, forbidden, invalid_request, role_not_allowed, resource_not_found,
 *   already_member, already_invited, rate_limited.
 */
export async function invite(
  db: Db,
  settings: InvitationSettings,
  actor: Actor,
  orgId: string,
  input: DraftInput,
): Promise<HandedOut> {
  return db.transaction(async (tx) => {
    await lockOrgFor(tx, actor, 'invitations:manage', orgId)
    return addInvitation(tx, settings, actor, orgId, draft(input))
  })
}

/** The part of it that a batch does for each. The caller holds the org's lock. */
export async function addInvitation(
  tx: Tx,
  settings: InvitationSettings,
  actor: Actor,
  orgId: string,
  wanted: Draft,
): Promise<HandedOut> {
  await refuseMissing(tx, orgId, wanted.resourceRoles)
  await lockCounters(tx, actor, wanted.notify ? wanted.email : null)
  const counts = await countBeforeInvite(tx, orgId, actor, wanted.email)
  if (counts.isMember) throw alreadyMember()
  refuseInviteOverLimit(settings.limits, counts, { person: actor.type === 'user', mails: wanted.notify })
  if (wanted.email !== null) await retireLapsed(tx, orgId, wanted.email)
  const invitation = await insertInvitation(tx, orgId, actor, wanted)
  await record(tx, actor, orgId, invitationCreated(invitation))
  return handOut(tx, settings, actor, invitation, false)
}
