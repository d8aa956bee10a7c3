import { type Db, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { orgDeleted } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { lockOrgFor } from './lock.ts'
import { refuseUnconfirmed } from './org.ts'
import { markDeleted } from './queries/lifecycle.ts'

/**
 * Deletes the organisation. It is gone for everyone once this answers; its rows stay for RESTORABLE_DAYS.
 *
 * @throws org_not_found, forbidden, version_mismatch, confirmation_mismatch.
 */
export async function deleteOrg(
  db: Db,
  actor: Actor,
  input: { orgId: string; confirm: string; ifMatch?: IfMatch },
): Promise<void> {
  await db.transaction(async (tx) => {
    const org = await lockOrgFor(tx, actor, 'org:delete', input.orgId)
    refuseStale(org, input.ifMatch)
    refuseUnconfirmed(org, input.confirm)
    await together(markDeleted(tx, org.id), record(tx, actor, org.id, orgDeleted(org)))
  })
}
