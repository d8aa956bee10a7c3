import { type Db, together } from '../../db/client.ts'
import { refuseService } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { memberLeft } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { refuseLastAdmin } from '../members/member.ts'
import { deleteMember, hasAdminBesides } from '../members/queries/members.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { lockOrgFor } from './lock.ts'
import { refuseUnconfirmed } from './org.ts'

/**
 * Takes the caller out of the organisation. The only Admin cannot leave.
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
    const [org, hasAnother] = await together(
      lockOrgFor(tx, actor, 'org:read', input.orgId),
      hasAdminBesides(tx, input.orgId, actor.id),
    )
    refuseStale(org, input.ifMatch)
    refuseUnconfirmed(org, input.confirm)
    refuseLastAdmin(hasAnother)
    await together(deleteMember(tx, org.id, actor.id), record(tx, actor, org.id, memberLeft(actor.id)))
  })
}
