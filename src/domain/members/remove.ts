import { type Db, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { memberRemoved } from '../events/changes.ts'
import { record } from '../events/record.ts'
import type { IfMatch } from '../version.ts'
import { lockMemberFor } from './lock.ts'
import { refuseLastAdmin } from './member.ts'
import { deleteMember, hasAdminBesides } from './queries/members.ts'

/**
 * Removes a member. All their rights in the organisation have ended once this answers.
 *
 * @throws org_not_found, forbidden, member_not_found, version_mismatch, last_admin.
 */
export async function removeMember(
  db: Db,
  actor: Actor,
  input: { orgId: string; userId: string; ifMatch?: IfMatch },
): Promise<void> {
  const { orgId, userId } = input
  await db.transaction(async (tx) => {
    const [member, hasAnother] = await together(
      lockMemberFor(tx, actor, input),
      hasAdminBesides(tx, orgId, userId),
    )
    if (member.role === 'admin') refuseLastAdmin(hasAnother)
    await together(deleteMember(tx, orgId, userId), record(tx, actor, orgId, memberRemoved(userId)))
  })
}
