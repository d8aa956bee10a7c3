import type { Db } from '../../db/client.ts'
import { lockParentFor } from '../access/authorize-resource.ts'
import type { Actor } from '../actor.ts'
import { resourceCreated } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { insertResource, type NewResource } from './queries/tree.ts'
import type { ResourceWithRole } from './resource.ts'

/**
 * A new resource at the root of the organisation's tree, or below another one. Six round trips.
 *
 * @throws org_not_found, resource_not_found (the parent), forbidden, resource_too_deep, external_id_taken.
 */
export async function createResource(
  db: Db,
  actor: Actor,
  input: NewResource & { parentId?: string | null },
): Promise<ResourceWithRole> {
  const { parentId = null, ...resource } = input
  return db.transaction(async (tx) => {
    const parent = await lockParentFor(tx, actor, input.orgId, parentId)
    const created = await insertResource(tx, resource, parent)
    await record(tx, actor, created.orgId, resourceCreated(created))
    // Whoever may create here is Admin here, and what lies below inherits that.
    return { ...created, role: actor.type === 'user' ? 'admin' : null }
  })
}
