import { Type } from '@sinclair/typebox'
import { Id, nullable, ResourceRole, RoleName, Timestamp } from '../contract/fields.ts'
import { Event } from '../events/schema.ts'
import { Invitation } from '../invitations/schema.ts'
import { Profile } from '../me/schema.ts'
import { memberFields } from '../members/schema.ts'

// A person in all organisations, as PostgreSQL puts the export together.

const orgId = Id
const orgName = Type.String({ examples: ['Acme'] })
const Moment = Type.Unsafe<string>(Timestamp)
const { source } = memberFields
const { email, status, message, declineReason } = Invitation.properties
const { data, occurredAt, ...eventFields } = Event.properties

const Membership = Type.Object({
  orgId,
  orgName,
  orgDeleted: Type.Boolean({ description: 'The organisation is deleted, and can be restored.' }),
  role: RoleName,
  source,
  joinedAt: Moment,
})
const Granted = Type.Object({
  orgId,
  ...ResourceRole.properties,
  resourceName: Type.String({ examples: ['Design'] }),
  grantedAt: Moment,
})
const sent = { id: Id, orgId, role: RoleName, message, createdAt: Moment }
const Received = Type.Object({ ...sent, orgName, email, status, declineReason })
const Told = Type.Object({ ...eventFields, occurredAt: Moment })

export const UserExport = Type.Object(
  {
    user: Type.Object({ ...Profile.properties, signedUpAt: nullable(Moment), createdAt: Moment }),
    memberships: Type.Array(Membership, {
      description: 'In which organisations, since when, in which role.',
    }),
    grants: Type.Array(Granted, { description: 'Roles on resources.' }),
    invitationsReceived: Type.Array(Received, { description: 'To addresses that are known to be theirs.' }),
    invitationsSent: Type.Array(Type.Object(sent), {
      description: 'Without the addresses, which are of others.',
    }),
    events: Type.Array(Told, {
      description:
        'What they did, and what happened to them, the newest first, at most 10,000; without `data`, which tells of others.',
    }),
    moreEvents: Type.Boolean({ description: 'There are more events than that.' }),
  },
  {
    $id: 'UserExport',
    description: 'All that is kept of a person.',
    examples: [
      {
        user: {
          ...{ id: 'auth0|64f1c0ffee', email: 'alice@example.com', emailVerified: true, name: 'Alice' },
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
