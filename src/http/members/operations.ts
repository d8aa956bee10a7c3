import { Type } from '@sinclair/typebox'
import {
  etag,
  IfMatchHeader,
  OrgParams,
  PageQuery,
  RoleName,
  ref,
  strict,
  UserId,
} from '../contract/fields.ts'
import { NoContent, operation } from '../contract/operation.ts'
import { ChangeRole, Member, MemberPage } from './schema.ts'
import { MemberDifference, PutMember, SyncMembers } from './sync-schema.ts'

const MemberParams = Type.Object({ ...OrgParams.properties, userId: UserId })

export const listMembers = operation({
  operationId: 'listMembers',
  tags: ['Members'],
  summary: 'List the members',
  description: 'In the order they joined. For members and services.',
  params: OrgParams,
  querystring: Type.Object(
    {
      ...PageQuery,
      role: Type.Optional(RoleName),
      q: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 100,
          description: 'The beginning of a name or an e-mail address, in upper or lower case.',
          examples: ['bob'],
        }),
      ),
    },
    strict,
  ),
  response: { 200: ref(MemberPage) },
  refusals: ['forbidden', 'org_not_found', 'invalid_cursor'],
})

export const getMember = operation({
  operationId: 'getMember',
  tags: ['Members'],
  summary: 'Read a member',
  description: 'For members and services.',
  params: MemberParams,
  response: { 200: { ...ref(Member), ...etag } },
  refusals: ['forbidden', 'org_not_found', 'member_not_found'],
})

export const changeRole = operation({
  operationId: 'changeRole',
  tags: ['Members'],
  summary: "Change a member's role",
  description: 'Holds from the next request on. The only Admin cannot be demoted. For Admins and services.',
  params: MemberParams,
  headers: IfMatchHeader,
  body: ref(ChangeRole),
  response: { 200: { ...ref(Member), ...etag } },
  refusals: ['forbidden', 'org_not_found', 'member_not_found', 'last_admin', 'version_mismatch'],
})

export const removeMember = operation({
  operationId: 'removeMember',
  tags: ['Members'],
  summary: 'Remove a member',
  description: 'Every right in the organisation ends with the answer. For Admins and services.',
  params: MemberParams,
  headers: IfMatchHeader,
  response: { 204: NoContent },
  refusals: ['forbidden', 'org_not_found', 'member_not_found', 'last_admin', 'version_mismatch'],
})

export const putMember = operation({
  operationId: 'putMember',
  tags: ['Members'],
  summary: 'Put somebody in, with a role',
  description:
    'Whether they are a member or not, and have signed in or not; told again, it is no change. `email` and `name` are kept where they are given; an address is not verified by this. For services (`muster:write`).',
  params: MemberParams,
  headers: IfMatchHeader,
  body: ref(PutMember),
  response: {
    200: { ...ref(Member), ...etag, description: 'As it is now.' },
    201: { ...ref(Member), ...etag, description: 'For the first time.' },
  },
  refusals: ['forbidden', 'org_not_found', 'last_admin', 'version_mismatch'],
})

export const syncMembers = operation({
  operationId: 'syncMembers',
  tags: ['Members'],
  summary: 'Make these the members, and no others',
  description:
    'All in one transaction: who is missing is added, who has another role gets this one, and who is not named is removed, with their rights. Answers the difference; with `dryRun=true` nothing is written. At most 10,000 members, of whom at least one is Admin. For services (`muster:write`).',
  params: OrgParams,
  querystring: Type.Object(
    { dryRun: Type.Optional(Type.Boolean({ description: 'Only answer what would change.' })) },
    strict,
  ),
  body: ref(SyncMembers),
  response: { 200: ref(MemberDifference) },
  refusals: ['forbidden', 'org_not_found', 'last_admin'],
})
