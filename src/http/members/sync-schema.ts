import { Type } from '@sinclair/typebox'
import { MOST_MEMBERS } from '../../domain/members/member.ts'
import {
  Email,
  etag,
  IfMatchHeader,
  line,
  OrgParams,
  RoleName,
  ref,
  strict,
  UserId,
} from '../contract/fields.ts'
import { operation } from '../contract/operation.ts'
import { Member, MemberParams } from './schema.ts'

const told = {
  email: Type.Optional(Email),
  name: Type.Optional(line(200, { examples: ['Bob'] })),
}

export const PutMember = Type.Object(
  { role: RoleName, ...told },
  { $id: 'PutMember', ...strict, examples: [{ role: 'member', email: 'bob@example.com', name: 'Bob' }] },
)

export const SyncMembers = Type.Object(
  {
    members: Type.Array(Type.Object({ userId: UserId, role: RoleName, ...told }, strict), {
      minItems: 1,
      maxItems: MOST_MEMBERS,
    }),
  },
  {
    $id: 'SyncMembers',
    ...strict,
    examples: [
      {
        members: [
          { userId: 'auth0|64f1c0ffee', role: 'admin' },
          { userId: 'auth0|64f1cafe01', role: 'member', email: 'bob@example.com', name: 'Bob' },
        ],
      },
    ],
  },
)

const RoleOf = Type.Object({ userId: UserId, role: RoleName })

export const MemberDifference = Type.Object(
  {
    added: Type.Array(RoleOf),
    changed: Type.Array(Type.Object({ userId: UserId, role: RoleName, previousRole: RoleName })),
    removed: Type.Array(RoleOf, { description: 'With the role they had.' }),
    unchanged: Type.Integer({ description: 'How many stay as they are.' }),
  },
  {
    $id: 'MemberDifference',
    description: 'What a wanted set of members changes, by user id.',
    examples: [
      { added: [{ userId: 'auth0|64f1cafe01', role: 'member' }], changed: [], removed: [], unchanged: 1 },
    ],
  },
)

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
