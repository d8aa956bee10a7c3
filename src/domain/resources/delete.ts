import type { Db } from '../../db/client.ts'
import { lockResourceFor } from '../access/authorize-resource.ts'
import type { Actor } from '../actor.ts'
import { resourceDeleted } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { deleteBranch, refuseLargeBranch } from './queries/tree.ts'

/**
 * Gone with the answer, and everything below it, with the grants and the invoice information there. Seven round trips.
 *
 * @throws org_not_found, resource_not_found, forbidden, version_mismatch, branch_too_large.
 */
export async function deleteResource(
  db: Db,
  actor: Actor,
  input: { orgId: string; resourceId: string; ifMatch?: IfMatch },
): Promise<void> {
  await db.transaction(async (tx) => {
    const resource = await lockResourceFor(tx, actor, 'resource:delete', input)
    refuseStale(resource, input.ifMatch)
    await refuseLargeBranch(tx, resource)
    const deleted = await deleteBranch(tx, resource)
    await record(tx, actor, resource.orgId, resourceDeleted(resource, deleted - 1))
  })
}
