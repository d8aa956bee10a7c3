import { Type } from '@sinclair/typebox'
import { changeRole } from '../../domain/members/change-role.ts'
import type { Member } from '../../domain/members/member.ts'
import { putMember } from '../../domain/members/put.ts'
import { getMember, listMembers } from '../../domain/members/read.ts'
import { removeMember } from '../../domain/members/remove.ts'
import { syncMembers } from '../../domain/members/sync.ts'
import { created, DONE, ok } from '../answer.ts'
import type { Routes } from '../api.ts'
import { UserId } from '../contract/fields.ts'
import { after, page } from '../cursor.ts'
import { inputOf, targetOf, versionedInputOf } from '../input.ts'
import { LARGE } from '../overload/large-bodies.ts'
import * as operations from './operations.ts'

// The time when the member joined, in milliseconds, and their user id.
const JoinedKey = Type.Tuple([Type.Integer({ minimum: 0, maximum: 8.64e15 }), UserId])

const MEMBERS = '/orgs/:orgId/members'
const MEMBER = `${MEMBERS}/:userId`

export const memberRoutes: Routes = (api) => {
  api.get(MEMBERS, operations.listMembers, async (db, request) => {
    const { limit = 25, role, q } = request.query
    const key = after(request, JoinedKey)
    const position = key && { joinedAt: new Date(key[0]), userId: key[1] }
    const filter = { role, q, limit, after: position }
    const members = await listMembers(db, request.actor, { ...filter, ...request.params })
    return ok(page(request, members, ({ joinedAt, userId }: Member) => [joinedAt.getTime(), userId]))
  })

  api.get(MEMBER, operations.getMember, async (db, { actor, params }) =>
    ok(await getMember(db, actor, params)),
  )

  api.patch(MEMBER, operations.changeRole, async (db, request) =>
    ok(await changeRole(db, request.actor, versionedInputOf(request))),
  )

  api.put(MEMBER, operations.putMember, async (db, request) => {
    const { member, first } = await putMember(db, request.actor, versionedInputOf(request))
    const { orgId, userId } = request.params
    return first ? created(member, `/orgs/${orgId}/members/${encodeURIComponent(userId)}`) : ok(member)
  })

  api.put(
    MEMBERS,
    operations.syncMembers,
    async (db, request) => {
      const { dryRun = false } = request.query
      return ok(await syncMembers(db, request.actor, { ...inputOf(request), dryRun }))
    },
    { bodyLimit: LARGE },
  )

  api.delete(MEMBER, operations.removeMember, async (db, request) => {
    await removeMember(db, request.actor, targetOf(request))
    return DONE
  })
}
