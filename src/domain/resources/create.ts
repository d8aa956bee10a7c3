import { type Db, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { resourceCreated } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { lockParentFor } from './lock.ts'
import { insertResource, type NewResource, newResourceId } from './queries/tree.ts'
import { placeBelow, type ResourceWithRole } from './resource.ts'

/**
 * Creates a resource at the root of the organisation's tree, or below another one.
 *
 * @throws org_not_found, resource_not_found (the parent), forbidden, resource_too_deep, external_id_taken.
 */
export async function createResource(
  db: Db,
  actor: Actor,
  input: NewResource & { parentId?: string | null },
): Promise<ResourceWithRole> {
  const { parentId = null, ...wanted } = input
  const id = newResourceId()
  return db.transaction(async (tx) => {
    const parent = await lockParentFor(tx, actor, input.orgId, parentId)
    const resource = { externalId: null, ...wanted, id, ...placeBelow(parent, id) }
    const [created] = await together(
      insertResource(tx, resource),
      record(tx, actor, resource.orgId, resourceCreated(resource)),
    )
    // A user who may create here is Admin here, and the new resource inherits that.
    return { ...created, role: actor.type === 'user' ? 'admin' : null }
  })
}
