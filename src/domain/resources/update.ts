import type { Db, Tx } from '../../db/client.ts'
import { lockParentFor, lockResourceFor } from '../access/authorize-resource.ts'
import type { Actor } from '../actor.ts'
import { resourceMoved, resourceUpdated } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { moveBranch, type ResourceChange, refuseLargeBranch, updateResourceRow } from './queries/tree.ts'
import { type Resource, type ResourceWithRole, refuseCycle } from './resource.ts'

/**
 * Sets the fields that are given; `metadata` is replaced whole. Another `parentId` moves the resource with all below
 * it: inherited rights change with the answer, granted ones stay. Six round trips, a move ten.
 *
 * @throws org_not_found, resource_not_found, forbidden, version_mismatch, resource_cycle, resource_too_deep, branch_too_large,
 *   external_id_taken.
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
    if (moves) await move(tx, actor, resource, parentId)
    const updated = await updateResourceRow(tx, resource, change)
    await record(
      tx,
      actor,
      updated.orgId,
      ...(moves ? [resourceMoved(updated, resource.parentId)] : []),
      ...(edits ? [resourceUpdated(updated, change)] : []),
    )
    return { ...updated, role: resource.role }
  })
}

/** Under the org's lock, so that no two moves can make a circle that neither would make alone. */
async function move(tx: Tx, actor: Actor, resource: Resource, parentId: string | null): Promise<void> {
  const parent = await lockParentFor(tx, actor, resource.orgId, parentId)
  refuseCycle(resource, parent)
  await refuseLargeBranch(tx, resource)
  await moveBranch(tx, resource, parent)
}
