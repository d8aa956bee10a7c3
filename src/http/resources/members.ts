import { grantRole } from '../../domain/resources/grant-role.ts'
import { listResourceMembers } from '../../domain/resources/members.ts'
import { withdrawRole } from '../../domain/resources/withdraw-role.ts'
import { created, DONE, ok } from '../answer.ts'
import type { Routes } from '../api.ts'
import { UserId } from '../contract/fields.ts'
import { after, page } from '../cursor.ts'
import { targetOf, versionedInputOf } from '../input.ts'
import * as operations from './operations.ts'

const MEMBERS = '/orgs/:orgId/resources/:resourceId/members'

export const resourceMemberRoutes: Routes = (api) => {
  api.get(MEMBERS, operations.listResourceMembers, async (db, request) => {
    const { limit = 25 } = request.query
    const position = { limit, after: after(request, UserId) }
    const members = await listResourceMembers(db, request.actor, { ...position, ...request.params })
    return ok(page(request, members, ({ userId }) => userId))
  })

  api.put(`${MEMBERS}/:userId`, operations.grantRole, async (db, request) => {
    const { grant, first } = await grantRole(db, request.actor, versionedInputOf(request))
    return first ? created(grant) : ok(grant)
  })

  api.delete(`${MEMBERS}/:userId`, operations.withdrawRole, async (db, request) => {
    await withdrawRole(db, request.actor, targetOf(request))
    return DONE
  })
}
