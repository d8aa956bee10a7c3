import { grantRole } from '../../domain/resources/grant-role.ts'
import { listResourceMembers } from '../../domain/resources/read.ts'
import { withdrawRole } from '../../domain/resources/withdraw-role.ts'
import { created, DONE, ok, send } from '../answer.ts'
import { UserId } from '../contract/fields.ts'
import { after, page } from '../cursor.ts'
import { ifMatch } from '../input.ts'
import type { Routes } from '../route.ts'
import * as schemas from './operations.ts'

const MEMBERS = '/orgs/:orgId/resources/:resourceId/members'

export const resourceMemberRoutes: Routes = (app, { db }) => {
  app.get(MEMBERS, { schema: schemas.listResourceMembers }, async (request, reply) => {
    const { limit = 25 } = request.query
    const position = { limit, after: after(request, UserId) }
    const members = await listResourceMembers(db, request.actor, request.params, position)
    return send(reply, ok(page(request, members, ({ userId }) => userId)))
  })

  app.put(`${MEMBERS}/:userId`, { schema: schemas.grantRole }, async (request, reply) => {
    const input = { ...request.params, ...request.body, ifMatch: ifMatch(request.headers) }
    const { grant, first } = await grantRole(db, request.actor, input)
    return send(reply, first ? created(grant) : ok(grant))
  })

  app.delete(`${MEMBERS}/:userId`, { schema: schemas.withdrawRole }, async (request, reply) => {
    await withdrawRole(db, request.actor, { ...request.params, ifMatch: ifMatch(request.headers) })
    return send(reply, DONE)
  })
}
