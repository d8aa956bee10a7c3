import { Type } from '@sinclair/typebox'
import { MOST_MEMBERS } from '../../domain/members/member.ts'
import { Email, line, RoleName, strict, UserId } from '../contract/fields.ts'

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
