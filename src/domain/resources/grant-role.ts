import { type Db, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { grantAdded, grantChanged, memberAdded } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { memberNotFound } from '../members/member.ts'
import { findMember, insertMember } from '../members/queries/members.ts'
import type { Role } from '../roles.ts'
import { ensureUser } from '../users/queries/profiles.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import type { Grant } from './grant.ts'
import { lockResourceFor } from './lock.ts'
import { findGrant, putGrant } from './queries/grants.ts'

/**
 * Gives a member a role on a resource, or changes it. A service may name any user, who becomes a Member of the
 * organisation in the same transaction. The role that the member has already is no change.
 *
 * @returns the grant, and whether it is new.
 * @throws org_not_found, resource_not_found, forbidden, member_not_found, version_mismatch (of the grant).
 */
export async function grantRole(
  db: Db,
  actor: Actor,
  input: { orgId: string; resourceId: string; userId: string; role: Role; ifMatch?: IfMatch },
): Promise<{ grant: Grant; first: boolean }> {
  const { orgId, userId, role, ifMatch } = input
  return db.transaction(async (tx) => {
    const [resource, member, known] = await together(
      lockResourceFor(tx, actor, 'resource:grant', input),
      findMember(tx, orgId, userId),
      findGrant(tx, input),
    )
    if (!member && actor.type === 'user') throw memberNotFound()
    refuseStale(known, ifMatch)
    if (known?.role === role) return { grant: known, first: false }
    const right = { resourceId: resource.id, role }
    const [, , grant] = await together(
      member || ensureUser(tx, { id: userId, email: null, emailVerified: false, name: null }),
      member || insertMember(tx, { orgId, userId, role: 'member', source: 'provisioned' }, actor),
      putGrant(tx, { orgId, userId, ...right }, actor),
      record(
        tx,
        actor,
        orgId,
        ...(member ? [] : [memberAdded(userId, 'member', 'provisioned')]),
        known ? grantChanged(userId, right, known.role) : grantAdded(userId, right),
      ),
    )
    return { grant, first: !known }
  })
}
