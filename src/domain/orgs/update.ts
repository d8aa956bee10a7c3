import { type Db, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { orgUpdated } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { lockOrgFor } from './lock.ts'
import type { Org } from './org.ts'
import { type OrgChange, updateOrgRow } from './queries/lifecycle.ts'

/**
 * Sets the given fields; `metadata` is replaced as a whole.
 *
 * @throws org_not_found, forbidden, version_mismatch, slug_taken.
 */
export async function updateOrg(
  db: Db,
  actor: Actor,
  input: { orgId: string; change: OrgChange; ifMatch?: IfMatch },
): Promise<Org> {
  const { orgId, change, ifMatch } = input
  return db.transaction(async (tx) => {
    const org = await lockOrgFor(tx, actor, 'org:update', orgId)
    refuseStale(org, ifMatch)
    if (Object.keys(change).length === 0) return org
    const [updated] = await together(
      updateOrgRow(tx, orgId, change),
      record(tx, actor, orgId, orgUpdated({ ...org, ...change }, change)),
    )
    return updated
  })
}
