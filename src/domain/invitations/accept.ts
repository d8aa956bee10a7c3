import { type Db, type Tx, theOne } from '../../db/client.ts'
import { refuseService } from '../access/authorize.ts'
import type { Actor, User } from '../actor.ts'
import { DomainError } from '../errors.ts'
import { grantAdded, invitationAccepted, memberAdded } from '../events/changes.ts'
import { record } from '../events/record.ts'
import type { Member } from '../members/member.ts'
import { findMember, insertMember } from '../members/queries/members.ts'
import { insertGrants } from '../resources/queries/grants.ts'
import { storeProfile } from '../users/queries/profiles.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { type Invitation, refuseUnacceptable } from './invitation.ts'
import { lockClaim } from './lock.ts'
import { claimUse, insertAcceptance } from './queries/lifecycle.ts'
import { findRightsGiven, type RightsGiven } from './resource-roles.ts'

export interface Accepted {
  readonly membership: Member & { readonly orgId: string } & RightsGiven
  /** False when the caller had joined by this invitation before. */
  readonly joined: boolean
}

/**
 * Joins the organisation with the role of the invitation, and its rights on the resources that there still are. The
 * org's lock comes first, so that nobody deletes it, revokes, sends again or joins at the same time; then the use is
 * claimed by compare-and-set. Ten round trips, twelve with rights on resources.
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
  return db.transaction(async (tx) => {
    const claim = await lockClaim(tx, actor, input.code)
    const { invitation } = claim
    const again = claim.callerAccepted && claim.callerIsMember
    if (!again) {
      refuseUnacceptable(claim, actor)
      refuseStale(invitation, input.ifMatch)
      await join(tx, invitation, actor)
    }
    const member = theOne(await findMember(tx, invitation.orgId, actor.id))
    const rights = await findRightsGiven(tx, invitation, actor.id)
    return { membership: { orgId: invitation.orgId, ...member, ...rights }, joined: !again }
  })
}

async function join(tx: Tx, invitation: Invitation, user: User): Promise<void> {
  if (!(await claimUse(tx, invitation))) throw new DomainError('invitation_used', 'Somebody else was faster.')
  await storeProfile(tx, user)
  const { orgId, role, invitedBy, resourceRoles } = invitation
  const inviter = { type: invitedBy.type, id: invitedBy.userId }
  await insertMember(tx, { orgId, userId: user.id, role, source: 'invitation' }, inviter)
  const given =
    resourceRoles.length > 0 ? await insertGrants(tx, inviter, { orgId, userId: user.id }, resourceRoles) : []
  await insertAcceptance(tx, invitation, user.id)
  await record(
    tx,
    user,
    orgId,
    invitationAccepted(invitation, invitation.uses + 1),
    memberAdded(user.id, role, 'invitation'),
    ...given.map((right) => grantAdded(user.id, right)),
  )
}
