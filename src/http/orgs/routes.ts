import { stillProvisions } from '../../domain/access/authorize.ts'
import { transferOrg } from '../../domain/members/transfer.ts'
import { createOrg } from '../../domain/orgs/create.ts'
import { deleteOrg } from '../../domain/orgs/delete.ts'
import { leaveOrg } from '../../domain/orgs/leave.ts'
import { getOrg, listOrgs } from '../../domain/orgs/read.ts'
import { restoreOrg } from '../../domain/orgs/restore.ts'
import { updateOrg } from '../../domain/orgs/update.ts'
import { created, DONE, ok, send } from '../answer.ts'
import { after, IdKey, page } from '../cursor.ts'
import { once } from '../idempotency/once.ts'
import { ifMatch } from '../input.ts'
import type { Routes } from '../route.ts'
import * as schemas from './operations.ts'

export const orgRoutes: Routes = (app, { db }) => {
  app.post('/orgs', { schema: schemas.createOrg }, async (request, reply) => {
    const answer = await once(
      db,
      request,
      async (db) => {
        const org = await createOrg(db, request.actor, request.body)
        return created(org, `/orgs/${org.id}`)
      },
      stillProvisions(request.actor),
    )
    return send(reply, answer)
  })

  app.get('/orgs', { schema: schemas.listOrgs }, async (request, reply) => {
    const { limit = 25, externalId, userId } = request.query
    const orgs = await listOrgs(db, request.actor, {
      externalId,
      userId,
      limit,
      after: after(request, IdKey),
    })
    return send(reply, ok(page(request, orgs, ({ id }) => id)))
  })

  app.get('/orgs/:orgId', { schema: schemas.getOrg }, async (request, reply) =>
    send(reply, ok(await getOrg(db, request.actor, request.params.orgId))),
  )

  app.patch('/orgs/:orgId', { schema: schemas.updateOrg }, async (request, reply) => {
    const { orgId } = request.params
    const input = { orgId, change: request.body, ifMatch: ifMatch(request.headers) }
    return send(reply, ok(await updateOrg(db, request.actor, input)))
  })

  app.delete('/orgs/:orgId', { schema: schemas.deleteOrg }, async (request, reply) => {
    const { orgId } = request.params
    await deleteOrg(db, request.actor, {
      orgId,
      confirm: request.query.confirm,
      ifMatch: ifMatch(request.headers),
    })
    return send(reply, DONE)
  })

  app.post('/orgs/:orgId/restore', { schema: schemas.restoreOrg }, async (request, reply) => {
    const input = { orgId: request.params.orgId, ifMatch: ifMatch(request.headers) }
    return send(
      reply,
      await once(
        db,
        request,
        async (db) => ok(await restoreOrg(db, request.actor, input)),
        stillProvisions(request.actor),
      ),
    )
  })

  app.post('/orgs/:orgId/leave', { schema: schemas.leaveOrg }, async (request, reply) => {
    const input = { ...request.params, ...request.body, ifMatch: ifMatch(request.headers) }
    const answer = await once(db, request, async (db) => {
      await leaveOrg(db, request.actor, input)
      return DONE
    })
    return send(reply, answer)
  })

  app.post('/orgs/:orgId/transfer', { schema: schemas.transferOrg }, async (request, reply) => {
    const input = { ...request.params, ...request.body, ifMatch: ifMatch(request.headers) }
    return send(reply, await once(db, request, async (db) => ok(await transferOrg(db, request.actor, input))))
  })
}
