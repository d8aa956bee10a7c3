import { type Db, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { resourceDeleted } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { lockResourceFor } from './lock.ts'
import { countBranch, deleteBranch } from './queries/branch.ts'
import { refuseLargeBranch } from './resource.ts'

/**
 * Deletes a resource and everything below it, with the grants and the invoice information there. All of it is gone once
 * this answers.
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
    const size = await countBranch(tx, resource)
    refuseLargeBranch(size)
    await together(
      deleteBranch(tx, resource),
      record(tx, actor, resource.orgId, resourceDeleted(resource, size - 1)),
    )
  })
}
