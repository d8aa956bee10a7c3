import { Type } from '@sinclair/typebox'
import { STATUSES } from '../../domain/invitations/invitation.ts'
import {
  Email,
  Id,
  line,
  lines,
  Metadata,
  nullable,
  oneOf,
  pageOf,
  ResourceRole,
  RoleName,
  ref,
  strict,
  Timestamp,
  Version,
} from '../contract/fields.ts'
import { Problem } from '../contract/problem.ts'

// An invitation as HTTP shows it.

export const EXAMPLE = {
  id: '01980f3a-8f10-7c11-8a55-1f2e3d4c5b6a',
  orgId: '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e',
  email: 'bob@example.com',
  role: 'member',
  resourceRoles: [],
  status: 'pending',
  maxUses: 1,
  uses: 0,
  allowedEmailDomains: [],
  message: 'Welcome aboard!',
  invitedBy: { type: 'user', userId: 'auth0|64f1c0ffee', name: 'Alice' },
  delivery: 'queued',
  createdAt: '2026-01-31T09:30:00.000Z',
  expiresAt: '2026-02-07T09:30:00.000Z',
  acceptedAt: null,
  declinedAt: null,
  declineReason: null,
  revokedAt: null,
  lastSentAt: null,
  metadata: {},
  version: 1,
}

const EXAMPLE_CODE = '7K3M-Q2ZV-8RTN-4XWD-H5PA-9CJE'

export const Status = oneOf(STATUSES, {
  description: 'A `pending` one becomes `expired` by the clock alone.',
  examples: ['pending'],
})

const ResourceRoles = Type.Array(ResourceRole, {
  maxItems: 50,
  description:
    'Rights on resources that come with the membership. An open code never makes an Admin, here neither.',
  examples: [[{ resourceId: '01980f3a-9f00-7d21-b3c4-1122334455aa', role: 'accounting' }]],
})

const fields = {
  id: Id,
  orgId: Id,
  email: nullable(Type.String({ description: 'Null: an open code, for whoever holds it.' })),
  role: RoleName,
  resourceRoles: Type.Array(ResourceRole, {
    // The default serves kept answers from before there were resources.
    default: [],
    description: 'Rights on resources that come with it.',
  }),
  status: Status,
  maxUses: Type.Integer({ description: 'How many people may join by it.' }),
  uses: Type.Integer({ description: 'How many have.' }),
  allowedEmailDomains: Type.Array(Type.String(), { description: 'Of an open code; empty: any.' }),
  message: nullable(Type.String()),
  invitedBy: Type.Object({
    type: oneOf(['user', 'service']),
    userId: Type.String({ description: 'The `sub` of the user or the service.' }),
    name: nullable(Type.String()),
  }),
  delivery: oneOf(['none', 'queued', 'sent', 'failed'], {
    description: 'Of the newest mail: `sent` once the mail server took it. `none` where no mail is sent.',
  }),
  createdAt: Timestamp,
  expiresAt: Timestamp,
  acceptedAt: nullable(Timestamp),
  declinedAt: nullable(Timestamp),
  declineReason: nullable(Type.String()),
  revokedAt: nullable(Timestamp),
  lastSentAt: nullable(Timestamp),
  metadata: Metadata,
  version: Version,
}

export const Invitation = Type.Object(fields, {
  $id: 'Invitation',
  description: 'An invitation.',
  examples: [EXAMPLE],
})

export const HandedOut = Type.Object(
  {
    ...fields,
    code: Type.Optional(
      Type.String({ description: 'The secret, this once; only where no mail carries it.' }),
    ),
    acceptUrl: Type.Optional(
      Type.String({ description: '`APP_URL` with the code in the fragment, this once.' }),
    ),
  },
  {
    $id: 'InvitationHandedOut',
    description: 'An invitation, with its secret where no mail carries it.',
    examples: [
      {
        ...EXAMPLE,
        delivery: 'none',
        code: EXAMPLE_CODE,
        acceptUrl: `https://app.example.com/join#code=${EXAMPLE_CODE}`,
      },
    ],
  },
)

export const InvitationPage = pageOf(ref(Invitation), 'InvitationPage', {
  examples: [{ data: [EXAMPLE], next: null }],
})

const Days = Type.Integer({ minimum: 1, maximum: 30, default: 7, examples: [7] })

const createFields = {
  email: Type.Optional(Email),
  role: Type.Optional(RoleName),
  resourceRoles: Type.Optional(ResourceRoles),
  expiresInDays: Type.Optional(Days),
  maxUses: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, default: 1, description: 'Of an open code.' }),
  ),
  allowedEmailDomains: Type.Optional(
    Type.Array(line(253), {
      maxItems: 20,
      description: 'Who may use an open code: verified addresses of these domains.',
      examples: [['example.com']],
    }),
  ),
  message: Type.Optional(
    lines(500, { description: 'From the inviter to the invited.', examples: ['Welcome aboard!'] }),
  ),
  notify: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'false: no mail; the answer holds `code` and `acceptUrl`, this once.',
    }),
  ),
  metadata: Type.Optional(Metadata),
}

export const CreateInvitation = Type.Object(createFields, {
  $id: 'CreateInvitation',
  ...strict,
  examples: [{ email: 'bob@example.com', role: 'member', message: 'Welcome aboard!' }],
})

export const CreateInvitations = Type.Object(
  { invitations: Type.Array(ref(CreateInvitation), { minItems: 1, maxItems: 100 }) },
  {
    $id: 'CreateInvitations',
    ...strict,
    examples: [
      { invitations: [{ email: 'bob@example.com' }, { email: 'carol@example.com', role: 'accounting' }] },
    ],
  },
)

export const BatchResults = Type.Object(
  {
    results: Type.Array(
      Type.Object({
        status: Type.Integer({ description: 'What the call for this one alone would have answered.' }),
        invitation: Type.Optional(ref(HandedOut)),
        problem: Type.Optional(ref(Problem)),
      }),
    ),
  },
  {
    $id: 'BatchResults',
    description: 'One result for each, in the order of the request.',
    examples: [{ results: [{ status: 201, invitation: EXAMPLE }] }],
  },
)

export const UpdateInvitation = Type.Object(
  {
    role: Type.Optional(RoleName),
    resourceRoles: Type.Optional(ResourceRoles),
    expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 30, examples: [14] })),
  },
  { $id: 'UpdateInvitation', ...strict, examples: [{ role: 'accounting', expiresInDays: 14 }] },
)

export const DeclineInvitation = Type.Object(
  { reason: Type.Optional(lines(500, { examples: ['I have left the company.'] })) },
  { $id: 'DeclineInvitation', ...strict, examples: [{ reason: 'I have left the company.' }] },
)
