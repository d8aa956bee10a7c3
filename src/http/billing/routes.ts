import { getOrgBilling, getResourceBilling } from '../../domain/billing/read.ts'
import { setBilling } from '../../domain/billing/set.ts'
import { ok, send } from '../answer.ts'
import { ifMatch } from '../input.ts'
import type { Routes } from '../route.ts'
import * as schemas from './operations.ts'

export const billingRoutes: Routes = (app, { db }) => {
  app.get('/orgs/:orgId/billing', { schema: schemas.getOrgBilling }, async (request, reply) =>
    send(reply, ok(await getOrgBilling(db, request.actor, request.params.orgId))),
  )

  app.put('/orgs/:orgId/billing', { schema: schemas.setOrgBilling }, async (request, reply) => {
    const input = { ...request.params, information: request.body, ifMatch: ifMatch(request.headers) }
    return send(reply, ok(await setBilling(db, request.actor, input)))
  })

  app.get(
    '/orgs/:orgId/resources/:resourceId/billing',
    { schema: schemas.getResourceBilling },
    async (request, reply) => send(reply, ok(await getResourceBilling(db, request.actor, request.params))),
  )

  app.put(
    '/orgs/:orgId/resources/:resourceId/billing',
    { schema: schemas.setResourceBilling },
    async (request, reply) => {
      const input = { ...request.params, information: request.body, ifMatch: ifMatch(request.headers) }
      return send(reply, ok(await setBilling(db, request.actor, input)))
    },
  )
}
