import { type Db, type Tx, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { resourceMoved, resourceUpdated } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { lockParentFor, lockResourceFor } from './lock.ts'
import { countBranch, moveBranch } from './queries/branch.ts'
import { type ResourceChange, updateResourceRow } from './queries/tree.ts'
import {
  placeBelow,
  type Resource,
  type ResourceWithRole,
  refuseCycle,
  refuseLargeBranch,
  type TreePlace,
} from './resource.ts'

/**
 * Sets the given fields; `metadata` is replaced as a whole. Another `parentId` moves the resource with all below it.
 * The inherited rights have changed once this answers; the grants stay.
 *
 * @throws org_not_found, resource_not_found, forbidden, version_mismatch, resource_cycle, resource_too_deep,
 *   branch_too_large, external_id_taken.
 */
export async function updateResource(
  db: Db,
  actor: Actor,
  input: {
    orgId: string
    resourceId: string
    change: ResourceChange & { parentId?: string | null }
    ifMatch?: IfMatch
  },
): Promise<ResourceWithRole> {
  const { parentId, ...change } = input.change
  return db.transaction(async (tx) => {
    const resource = await lockResourceFor(tx, actor, 'resource:update', input)
    refuseStale(resource, input.ifMatch)
    const moves = parentId !== undefined && (parentId?.toLowerCase() ?? null) !== resource.parentId
    const edits = Object.keys(change).length > 0
    if (!moves && !edits) return resource
    const place = moves ? await findNewPlace(tx, actor, resource, parentId) : placeOf(resource)
    const next = { ...resource, ...change, ...place }
    const [, updated] = await together(
      moves && moveBranch(tx, resource, place),
      updateResourceRow(tx, resource, change),
      record(
        tx,
        actor,
        resource.orgId,
        ...(moves ? [resourceMoved(next, resource.parentId)] : []),
        ...(edits ? [resourceUpdated(next, change)] : []),
      ),
    )
    return { ...updated, role: resource.role }
  })
}

function placeOf({ parentId, path }: Resource): TreePlace {
  return { parentId, path }
}

/**
 * Finds the new place under the org's lock, so that no two moves together make a cycle that neither would make alone.
 */
async function findNewPlace(
  tx: Tx,
  actor: Actor,
  resource: Resource,
  parentId: string | null,
): Promise<TreePlace> {
  const [parent, size] = await together(
    lockParentFor(tx, actor, resource.orgId, parentId),
    countBranch(tx, resource),
  )
  refuseCycle(resource, parent)
  refuseLargeBranch(size)
  return placeBelow(parent, resource.id)
}
