import { type Db, type Tx, theOne, together } from '../../db/client.ts'
import { refuseService } from '../access/rules.ts'
import type { Actor, User } from '../actor.ts'
import { DomainError } from '../errors.ts'
import { grantAdded, invitationAccepted, memberAdded } from '../events/changes.ts'
import { record } from '../events/record.ts'
import type { Member } from '../members/member.ts'
import { findMember, insertMember } from '../members/queries/members.ts'
import type { ResourceRole } from '../resources/grant.ts'
import { findHeld, insertGrantsOfMember } from '../resources/queries/grants.ts'
import { storeProfile } from '../users/queries/profiles.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { refuseUnacceptable } from './claim.ts'
import type { Invitation } from './invitation.ts'
import type { Guesser } from './limits.ts'
import { lockClaim } from './lock.ts'
import { claimUse } from './queries/claims.ts'

/** The rights that came with an invitation, as they are now. */
interface RightsGiven {
  /** Those of the offered rights that the member holds now. */
  readonly resourceRoles: ResourceRole[]
  /** Those of the offered rights whose resources have been deleted since. */
  readonly leftOut: ResourceRole[]
}

export interface Accepted {
  readonly membership: Member & { readonly orgId: string } & RightsGiven
  /** False when the caller had joined by this invitation before. */
  readonly joined: boolean
}

/**
 * Makes the caller a member with the role of the invitation, and its rights on the resources that still exist. The
 * org's lock comes first, so that no other caller deletes the org, revokes, resends or joins at the same time. Then a
 * compare-and-set claims the use.
 *
 * @throws rate_limited, invitation_not_found, email_unverified, email_mismatch, email_domain_not_allowed,
 *   invitation_used, invitation_declined, invitation_revoked, invitation_expired, already_member, version_mismatch;
 *   forbidden for a service.
 */
export async function acceptInvitation(
  db: Db,
  actor: Actor,
  input: { code: string; ifMatch?: IfMatch; guesser?: Guesser },
): Promise<Accepted> {
  refuseService(actor)
  return db.transaction(async (tx) => {
    const claim = await lockClaim(tx, actor, input)
    const { invitation } = claim
    const again = claim.callerAccepted && claim.callerIsMember
    if (!again) {
      refuseUnacceptable(claim, actor)
      refuseStale(invitation, input.ifMatch)
    }
    const [member, rights] = await together(
      again ? findMember(tx, invitation.orgId, actor.id) : join(tx, invitation, actor),
      findRightsGiven(tx, invitation, actor.id),
    )
    return { membership: { orgId: invitation.orgId, ...theOne(member), ...rights }, joined: !again }
  })
}

async function join(tx: Tx, invitation: Invitation, user: User): Promise<Member> {
  const { orgId, role, invitedBy, resourceRoles } = invitation
  const inviter = { type: invitedBy.type, id: invitedBy.userId }
  const [profile, isClaimed, membership] = await together(
    storeProfile(tx, user),
    claimUse(tx, invitation, user.id),
    insertMember(tx, { orgId, userId: user.id, role, source: 'invitation' }, inviter),
    insertGrantsOfMember(tx, { orgId, userId: user.id }, resourceRoles, inviter).then((given) =>
      record(
        tx,
        user,
        orgId,
        invitationAccepted(invitation, invitation.uses + 1),
        memberAdded(user.id, role, 'invitation'),
        ...given.map((right) => grantAdded(user.id, right)),
      ),
    ),
  )
  if (!isClaimed) throw new DomainError('invitation_used', 'Another person has just used this invitation.')
  return { ...membership, name: profile.name, email: profile.email }
}

async function findRightsGiven(
  tx: Tx,
  { orgId, resourceRoles }: Invitation,
  userId: string,
): Promise<RightsGiven> {
  if (resourceRoles.length === 0) return { resourceRoles: [], leftOut: [] }
  const offered = await findHeld(tx, { orgId, userId }, resourceRoles)
  return {
    resourceRoles: offered.flatMap(({ resourceId, held }) => (held ? { resourceId, role: held } : [])),
    leftOut: offered.flatMap(({ resourceId, role, deleted }) => (deleted ? { resourceId, role } : [])),
  }
}
