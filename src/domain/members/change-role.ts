import type { Db } from '../../db/client.ts'
import { lockOrgFor } from '../access/authorize.ts'
import type { Actor } from '../actor.ts'
import type { Role } from '../roles.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { refuseLastAdmin } from './last-admin.ts'
import { type Member, memberNotFound } from './member.ts'
import { findMember, updateRole } from './queries.ts'

/**
 * The role somebody has already is no change. Seven round trips, six for a promotion.
 *
 * @throws org_not_found, forbidden, member_not_found, version_mismatch, last_admin.
 */
export async function changeRole(
  db: Db,
  actor: Actor,
  input: { orgId: string; userId: string; role: Role; ifMatch?: IfMatch },
): Promise<Member> {
  const { orgId, userId, role, ifMatch } = input
  return db.transaction(async (tx) => {
    await lockOrgFor(tx, actor, 'members:manage', orgId)
    const member = await findMember(tx, orgId, userId)
    if (!member) throw memberNotFound()
    refuseStale(member, ifMatch)
    if (member.role === role) return member
    if (member.role === 'admin') await refuseLastAdmin(tx, orgId, userId)
    return { ...member, ...(await updateRole(tx, orgId, userId, role)) }
  })
}
