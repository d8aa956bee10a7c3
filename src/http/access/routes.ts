import { checkAccess } from '../../domain/access/check.ts'
import { explainAccess } from '../../domain/access/explain.ts'
import { orgPermissionsOf, ROLES, resourcePermissionsOf } from '../../domain/roles.ts'
import { ok } from '../answer.ts'
import type { Routes } from '../api.ts'
import { after, IdKey, page } from '../cursor.ts'
import * as operations from './operations.ts'

// The place of the organisation in a list that goes on with resources by id: the nil UUID (RFC 9562, 5.9).
const NIL = '00000000-0000-0000-0000-000000000000'

export const accessRoutes: Routes = (api) => {
  api.post('/access/check', operations.checkAccess, async (db, { actor, body }) =>
    ok({ results: await checkAccess(db, actor, body.checks) }),
  )

  api.get('/orgs/:orgId/members/:userId/access', operations.explainAccess, async (db, request) => {
    const { limit = 25, resourceId } = request.query
    const filter = { resourceId, limit, after: after(request, IdKey) }
    const access = await explainAccess(db, request.actor, { ...filter, ...request.params })
    return ok(page(request, access, ({ resource }) => resource?.id ?? NIL))
  })

  api.get('/roles', operations.listRoles, async () => ok(MATRIX))
}

const MATRIX = {
  roles: ROLES.map((role) => ({
    role,
    organization: orgPermissionsOf(role),
    resource: resourcePermissionsOf(role),
  })),
}
