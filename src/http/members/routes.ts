import { Type } from '@sinclair/typebox'
import { changeRole } from '../../domain/members/change-role.ts'
import type { Member } from '../../domain/members/member.ts'
import { putMember } from '../../domain/members/put.ts'
import { getMember, listMembers } from '../../domain/members/read.ts'
import { removeMember } from '../../domain/members/remove.ts'
import { syncMembers } from '../../domain/members/sync.ts'
import { created, DONE, ok, send } from '../answer.ts'
import { UserId } from '../contract/fields.ts'
import { after, page } from '../cursor.ts'
import { ifMatch } from '../input.ts'
import type { Routes } from '../route.ts'
import * as schemas from './operations.ts'

const FOUR_MEBIBYTES = 4 * 1024 * 1024

// When somebody joined, in milliseconds, and who.
const JoinedKey = Type.Tuple([Type.Integer({ minimum: 0, maximum: 8.64e15 }), UserId])

export const memberRoutes: Routes = (app, { db }) => {
  app.get('/orgs/:orgId/members', { schema: schemas.listMembers }, async (request, reply) => {
    const { limit = 25, role, q } = request.query
    const key = after(request, JoinedKey)
    const position = key && { joinedAt: new Date(key[0]), userId: key[1] }
    const members = await listMembers(db, request.actor, request.params.orgId, {
      role,
      q,
      limit,
      after: position,
    })
    return send(
      reply,
      ok(page(request, members, ({ joinedAt, userId }: Member) => [joinedAt.getTime(), userId])),
    )
  })

  app.get('/orgs/:orgId/members/:userId', { schema: schemas.getMember }, async (request, reply) => {
    const { orgId, userId } = request.params
    return send(reply, ok(await getMember(db, request.actor, orgId, userId)))
  })

  app.patch('/orgs/:orgId/members/:userId', { schema: schemas.changeRole }, async (request, reply) => {
    const input = { ...request.params, ...request.body, ifMatch: ifMatch(request.headers) }
    return send(reply, ok(await changeRole(db, request.actor, input)))
  })

  app.put('/orgs/:orgId/members/:userId', { schema: schemas.putMember }, async (request, reply) => {
    const input = { ...request.params, ...request.body, ifMatch: ifMatch(request.headers) }
    const { member, first } = await putMember(db, request.actor, input)
    const { orgId, userId } = input
    return send(
      reply,
      first ? created(member, `/orgs/${orgId}/members/${encodeURIComponent(userId)}`) : ok(member),
    )
  })

  app.put(
    '/orgs/:orgId/members',
    { schema: schemas.syncMembers, bodyLimit: FOUR_MEBIBYTES },
    async (request, reply) => {
      const { dryRun = false } = request.query
      const input = { ...request.params, ...request.body, dryRun }
      return send(reply, ok(await syncMembers(db, request.actor, input)))
    },
  )

  app.delete('/orgs/:orgId/members/:userId', { schema: schemas.removeMember }, async (request, reply) => {
    await removeMember(db, request.actor, { ...request.params, ifMatch: ifMatch(request.headers) })
    return send(reply, DONE)
  })
}
