import { Type } from '@sinclair/typebox'
import {
  Id,
  nullable,
  oneOf,
  pageOf,
  ResourceRole,
  RoleName,
  ref,
  strict,
  Timestamp,
  UserId,
  Version,
} from '../contract/fields.ts'

const EXAMPLE = {
  userId: 'auth0|64f1c0ffee',
  name: 'Bob',
  email: 'bob@example.com',
  role: 'member',
  source: 'invitation',
  joinedAt: '2026-01-31T09:30:00.000Z',
  version: 1,
}

export const memberFields = {
  userId: UserId,
  name: nullable(Type.String({ examples: ['Bob'] })),
  email: nullable(Type.String({ examples: ['bob@example.com'] })),
  role: RoleName,
  source: oneOf(['created', 'invitation', 'provisioned'], {
    description: 'How they came in: they created the organisation, were invited, or a backend put them in.',
  }),
  joinedAt: Timestamp,
  version: Version,
}

export const Member = Type.Object(memberFields, {
  $id: 'Member',
  description: 'Somebody in an organisation.',
  examples: [EXAMPLE],
})

// A kept answer from before these fields existed has none of them.
const KEPT_BEFORE = { default: [] }

export const Membership = Type.Object(
  {
    orgId: Id,
    ...memberFields,
    resourceRoles: Type.Array(ResourceRole, {
      ...KEPT_BEFORE,
      description: 'Held now, of the rights that were offered.',
    }),
    leftOut: Type.Array(ResourceRole, {
      ...KEPT_BEFORE,
      description: 'Offered on resources that are no longer there.',
    }),
  },
  {
    $id: 'Membership',
    description:
      'A member, of which organisation, and what became of the rights that came with the invitation.',
    examples: [{ orgId: '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e', ...EXAMPLE, resourceRoles: [], leftOut: [] }],
  },
)

export const MemberPage = pageOf(ref(Member), 'MemberPage', { examples: [{ data: [EXAMPLE], next: null }] })

export const ChangeRole = Type.Object(
  { role: RoleName },
  { $id: 'ChangeRole', ...strict, examples: [{ role: 'accounting' }] },
)
