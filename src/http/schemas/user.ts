import { Type } from '@sinclair/typebox'
import { Email, line, nullable, strict, Timestamp, UserId } from './fields.ts'
import { Me, Profile } from './me.ts'

const { user, orgs, moreOrgs } = Me.properties
const [{ openInvitations, ...EXAMPLE }] = Me.examples

export const Account = Type.Object(
  { user, orgs, moreOrgs },
  { $id: 'Account', description: 'Somebody, and where they are.', examples: [EXAMPLE] },
)

export const PutUser = Type.Object(
  {
    email: Type.Optional(Email),
    emailVerified: Type.Optional(
      Type.Boolean({
        description:
          'Absent: an address that is known to be verified stays so, and another one is not. Only a verified one is shown its invitations.',
      }),
    ),
    name: Type.Optional(line(200, { examples: ['Alice'] })),
  },
  {
    $id: 'PutUser',
    ...strict,
    examples: [{ email: 'alice@example.com', emailVerified: true, name: 'Alice' }],
  },
)

export const ErasedUser = Type.Object(
  {
    pseudonym: Type.String({
      description: 'What the person is called from now on in what stays, such as the audit log.',
    }),
  },
  {
    $id: 'ErasedUser',
    description: 'Done.',
    examples: [{ pseudonym: 'erased-1c2d9a1e-6d0c-4d38-9d7c-6a2f1f0d8f11' }],
  },
)

const rows = (description: string) =>
  Type.Unsafe<Readonly<Record<string, unknown>>[]>({
    type: 'array',
    description,
    items: { type: 'object', additionalProperties: true },
  })

export const UserExport = Type.Object(
  {
    user: Type.Unsafe<Readonly<Record<string, unknown>>>({
      ...Type.Object({
        ...Profile.properties,
        signedUpAt: nullable(Timestamp),
        createdAt: Timestamp,
      }),
    }),
    memberships: rows('In which organisations, since when, in which role.'),
    grants: rows('Roles on resources.'),
    invitationsReceived: rows('To addresses that are known to be theirs.'),
    invitationsSent: rows('Without the addresses, which are of others.'),
    events: rows('What they did, and what happened to them, the newest first, at most 10,000.'),
    moreEvents: Type.Boolean({ description: 'There are more events than that.' }),
  },
  {
    $id: 'UserExport',
    description: 'All that is kept of a person.',
    examples: [
      {
        user: {
          ...{ id: UserId.examples[0], email: 'alice@example.com', emailVerified: true, name: 'Alice' },
          ...{ signedUpAt: '2026-01-31T09:30:00.000Z', createdAt: '2026-01-31T09:30:00.000Z' },
        },
        memberships: [
          {
            ...{ orgId: '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e', orgName: 'Acme', orgDeleted: false },
            ...{ role: 'admin', source: 'created', joinedAt: '2026-01-31T09:30:00.000Z' },
          },
        ],
        grants: [],
        invitationsReceived: [],
        invitationsSent: [],
        events: [],
        moreEvents: false,
      },
    ],
  },
)
