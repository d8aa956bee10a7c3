import { lockParentFor } from '../../domain/access/authorize-resource.ts'
import { createResource } from '../../domain/resources/create.ts'
import { deleteResource } from '../../domain/resources/delete.ts'
import { getResource, listResources } from '../../domain/resources/read.ts'
import { updateResource } from '../../domain/resources/update.ts'
import { created, DONE, ok, send } from '../answer.ts'
import { after, IdKey, page } from '../cursor.ts'
import { once } from '../idempotency/once.ts'
import { ifMatch } from '../input.ts'
import type { Routes } from '../route.ts'
import * as schemas from './operations.ts'

export const resourceRoutes: Routes = (app, { db }) => {
  app.post('/orgs/:orgId/resources', { schema: schemas.createResource }, async (request, reply) => {
    const { orgId } = request.params
    const { actor, body } = request
    const answer = await once(
      db,
      request,
      async (db) => {
        const resource = await createResource(db, actor, { ...body, orgId })
        return created(resource, `/orgs/${orgId}/resources/${resource.id}`)
      },
      (tx) => lockParentFor(tx, actor, orgId, body.parentId ?? null),
    )
    return send(reply, answer)
  })

  app.get('/orgs/:orgId/resources', { schema: schemas.listResources }, async (request, reply) => {
    const { limit = 25, type, parentId, externalId } = request.query
    const inParent = parentId === schemas.ROOT ? null : parentId
    const filter = { type, parentId: inParent, externalId, limit, after: after(request, IdKey) }
    const resources = await listResources(db, request.actor, request.params.orgId, filter)
    return send(reply, ok(page(request, resources, ({ id }) => id)))
  })

  app.get('/orgs/:orgId/resources/:resourceId', { schema: schemas.getResource }, async (request, reply) =>
    send(reply, ok(await getResource(db, request.actor, request.params))),
  )

  app.patch(
    '/orgs/:orgId/resources/:resourceId',
    { schema: schemas.updateResource },
    async (request, reply) => {
      const input = { ...request.params, change: request.body, ifMatch: ifMatch(request.headers) }
      return send(reply, ok(await updateResource(db, request.actor, input)))
    },
  )

  app.delete(
    '/orgs/:orgId/resources/:resourceId',
    { schema: schemas.deleteResource },
    async (request, reply) => {
      await deleteResource(db, request.actor, { ...request.params, ifMatch: ifMatch(request.headers) })
      return send(reply, DONE)
    },
  )
}
