import { type Db, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { roleChanged } from '../events/changes.ts'
import { record } from '../events/record.ts'
import type { Role } from '../roles.ts'
import type { IfMatch } from '../version.ts'
import { lockMemberFor } from './lock.ts'
import { type Member, refuseLastAdmin } from './member.ts'
import { hasAdminBesides, updateRole } from './queries/members.ts'

/**
 * Changes a member's role. The role that the member has already is no change.
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
    const [member, hasAnother] = await together(
      lockMemberFor(tx, actor, input),
      hasAdminBesides(tx, orgId, userId),
    )
    if (member.role === role) return member
    if (member.role === 'admin') refuseLastAdmin(hasAnother)
    const [changed] = await together(
      updateRole(tx, orgId, userId, role, actor),
      record(tx, actor, orgId, roleChanged(userId, member.role, role)),
    )
    return { ...member, ...changed }
  })
}
