import { createResource } from '../../domain/resources/create.ts'
import { deleteResource } from '../../domain/resources/delete.ts'
import { getResource, listResources } from '../../domain/resources/read.ts'
import { updateResource } from '../../domain/resources/update.ts'
import { created, DONE, ok } from '../answer.ts'
import type { Routes } from '../api.ts'
import { after, IdKey, page } from '../cursor.ts'
import { once } from '../idempotency/once.ts'
import { stillMayCreateResource } from '../idempotency/still-may.ts'
import { inputOf, targetOf } from '../input.ts'
import * as operations from './operations.ts'

const RESOURCES = '/orgs/:orgId/resources'
const RESOURCE = `${RESOURCES}/:resourceId`

export const resourceRoutes: Routes = (api) => {
  api.post(
    RESOURCES,
    operations.createResource,
    once(async (db, request) => {
      const resource = await createResource(db, request.actor, inputOf(request))
      return created(resource, `/orgs/${resource.orgId}/resources/${resource.id}`)
    }, stillMayCreateResource),
  )

  api.get(RESOURCES, operations.listResources, async (db, request) => {
    const { limit = 25, type, parentId, externalId } = request.query
    const inParent = parentId === operations.ROOT ? null : parentId
    const filter = { type, parentId: inParent, externalId, limit, after: after(request, IdKey) }
    const resources = await listResources(db, request.actor, { ...filter, ...request.params })
    return ok(page(request, resources, ({ id }) => id))
  })

  api.get(RESOURCE, operations.getResource, async (db, { actor, params }) =>
    ok(await getResource(db, actor, params)),
  )

  api.patch(RESOURCE, operations.updateResource, async (db, request) =>
    ok(await updateResource(db, request.actor, { ...targetOf(request), change: request.body })),
  )

  api.delete(RESOURCE, operations.deleteResource, async (db, request) => {
    await deleteResource(db, request.actor, targetOf(request))
    return DONE
  })
}
