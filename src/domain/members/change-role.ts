import type { Db } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { roleChanged } from '../events/changes.ts'
import { record } from '../events/record.ts'
import type { Role } from '../roles.ts'
import type { IfMatch } from '../version.ts'
import { refuseLastAdmin } from './last-admin.ts'
import { lockMemberFor } from './lock.ts'
import type { Member } from './member.ts'
import { updateRole } from './queries/members.ts'

/**
 * The role somebody has already is no change. Eight round trips where an Admin steps down, else seven.
 *
 * @throws org_not_found, forbidden, member_not_found, version_mismatch, last_admin.
 */
export async function changeRole(
  db: Db,
  actor: Actor,
  input: { orgId: string; userId: string; role: Role; ifMatch?: IfMatch },
): Promise<Member> {
  const { orgId, userId, role } = input
  return db.transaction(async (tx) => {
    const member = await lockMemberFor(tx, actor, input)
    if (member.role === role) return member
    if (member.role === 'admin') await refuseLastAdmin(tx, orgId, userId)
    const changed = { ...member, ...(await updateRole(tx, orgId, userId, role, actor)) }
    await record(tx, actor, orgId, roleChanged(userId, member.role, role))
    return changed
  })
}
