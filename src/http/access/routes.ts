import { checkAccess } from '../../domain/access/check.ts'
import { explainAccess } from '../../domain/access/explain.ts'
import { orgPermissionsOf, ROLES, resourcePermissionsOf } from '../../domain/roles.ts'
import { ok, send } from '../answer.ts'
import { after, IdKey, page } from '../cursor.ts'
import type { Routes } from '../route.ts'
import * as schemas from './operations.ts'

// Where the organisation stands in a list that goes on with resources by id: RFC 9562, 5.9.
const NIL = '00000000-0000-0000-0000-000000000000'

export const accessRoutes: Routes = (app, { db }) => {
  app.post('/access/check', { schema: schemas.checkAccess }, async (request, reply) => {
    const results = await checkAccess(db, request.actor, request.body.checks)
    return send(reply, ok({ results }))
  })

  app.get(
    '/orgs/:orgId/members/:userId/access',
    { schema: schemas.explainAccess },
    async (request, reply) => {
      const { limit = 25, resourceId } = request.query
      const filter = { resourceId, limit, after: after(request, IdKey) }
      const access = await explainAccess(db, request.actor, request.params, filter)
      return send(reply, ok(page(request, access, ({ resource }) => resource?.id ?? NIL)))
    },
  )

  app.get('/roles', { schema: schemas.listRoles }, async (_request, reply) => send(reply, ok(MATRIX)))
}

const MATRIX = {
  roles: ROLES.map((role) => ({
    role,
    organization: orgPermissionsOf(role),
    resource: resourcePermissionsOf(role),
  })),
}
