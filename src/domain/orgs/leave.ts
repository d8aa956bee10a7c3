import type { Db } from '../../db/client.ts'
import { lockOrgFor, refuseService } from '../access/authorize.ts'
import type { Actor } from '../actor.ts'
import { memberLeft } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { refuseLastAdmin } from '../members/last-admin.ts'
import { deleteMember } from '../members/queries/members.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { refuseUnconfirmed } from './org.ts'

/**
 * Anyone may go, except the only Admin. Seven round trips.
 *
 * @throws org_not_found, forbidden for a service, version_mismatch, confirmation_mismatch, last_admin.
 */
export async function leaveOrg(
  db: Db,
  actor: Actor,
  input: { orgId: string; confirm: string; ifMatch?: IfMatch },
): Promise<void> {
  refuseService(actor)
  await db.transaction(async (tx) => {
    const org = await lockOrgFor(tx, actor, 'org:read', input.orgId)
    refuseStale(org, input.ifMatch)
    refuseUnconfirmed(org, input.confirm)
    await refuseLastAdmin(tx, org.id, actor.id)
    await deleteMember(tx, org.id, actor.id)
    await record(tx, actor, org.id, memberLeft(actor.id))
  })
}
