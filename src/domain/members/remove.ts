import type { Db } from '../../db/client.ts'
import { lockOrgFor } from '../access/authorize.ts'
import type { Actor } from '../actor.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { refuseLastAdmin } from './last-admin.ts'
import { memberNotFound } from './member.ts'
import { deleteMember, findMember } from './queries.ts'

/**
 * Every right in the organisation ends with the answer. Seven round trips.
 *
 * @throws org_not_found, forbidden, member_not_found, version_mismatch, last_admin.
 */
export async function removeMember(
  db: Db,
  actor: Actor,
  input: { orgId: string; userId: string; ifMatch?: IfMatch },
): Promise<void> {
  const { orgId, userId, ifMatch } = input
  await db.transaction(async (tx) => {
    await lockOrgFor(tx, actor, 'members:manage', orgId)
    const member = await findMember(tx, orgId, userId)
    if (!member) throw memberNotFound()
    refuseStale(member, ifMatch)
    await refuseLastAdmin(tx, orgId, userId)
    await deleteMember(tx, orgId, userId)
  })
}
