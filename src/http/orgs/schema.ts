import { Type } from '@sinclair/typebox'
import {
  HttpsUrl,
  Id,
  line,
  MaybeRoleName,
  Metadata,
  nullable,
  oneOf,
  pageOf,
  ref,
  strict,
  Timestamp,
  UserId,
  Version,
} from '../contract/fields.ts'

// An organisation as HTTP shows it.

const Name = line(100, { examples: ['Acme'] })
const Slug = Type.String({
  pattern: '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$',
  maxLength: 63,
  description:
    'For URLs of yours. Unique over all organisations, also deleted ones as long as they can be restored.',
  examples: ['acme'],
})
const MemberAccess = oneOf(['granted', 'all'], {
  description: '`all`: every Member may read every resource. `granted`: only what they were granted.',
})
export const ExternalId = line(255, { description: 'Your own name for it, unique.', examples: ['tenant-42'] })
export const Confirm = Type.String({
  description: "The organisation's name, to the letter: a question that nobody answers by accident.",
  examples: ['Acme'],
})

const EXAMPLE = {
  id: '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e',
  name: 'Acme',
  slug: 'acme',
  logoUrl: 'https://cdn.example.com/logo.svg',
  memberAccess: 'granted',
  metadata: { plan: 'team' },
  externalId: null,
  version: 3,
  createdAt: '2026-01-31T09:30:00.000Z',
  updatedAt: '2026-02-01T10:00:00.000Z',
}

const fields = {
  id: Id,
  name: Name,
  slug: nullable(Slug),
  logoUrl: nullable(HttpsUrl),
  memberAccess: MemberAccess,
  metadata: Metadata,
  externalId: nullable(ExternalId),
  version: Version,
  createdAt: Timestamp,
  updatedAt: Timestamp,
}

export const Org = Type.Object(fields, { $id: 'Org', description: 'An organisation.', examples: [EXAMPLE] })

export const OrgWithRole = Type.Object(
  {
    ...fields,
    role: {
      ...MaybeRoleName,
      description: "The caller's role, or that of the user asked for. Null: none, as for a service.",
    },
  },
  {
    $id: 'OrgWithRole',
    description: 'An organisation, and the role there.',
    examples: [{ ...EXAMPLE, role: 'admin' }],
  },
)

export const OrgPage = pageOf(ref(OrgWithRole), 'OrgPage', {
  examples: [{ data: [{ ...EXAMPLE, role: 'admin' }], next: null }],
})

export const CreateOrg = Type.Object(
  {
    name: Name,
    slug: Type.Optional(Slug),
    metadata: Type.Optional(Metadata),
    externalId: Type.Optional(ExternalId),
    adminUserId: Type.Optional(UserId),
  },
  { $id: 'CreateOrg', ...strict, examples: [{ name: 'Acme', slug: 'acme', metadata: { plan: 'team' } }] },
)

export const UpdateOrg = Type.Object(
  {
    name: Type.Optional(Name),
    slug: Type.Optional(nullable(Slug)),
    logoUrl: Type.Optional(nullable(HttpsUrl)),
    memberAccess: Type.Optional(MemberAccess),
    metadata: Type.Optional(Metadata),
  },
  {
    $id: 'UpdateOrg',
    ...strict,
    examples: [{ name: 'Acme Ltd', logoUrl: 'https://cdn.example.com/logo.svg' }],
  },
)

export const LeaveOrg = Type.Object(
  { confirm: Confirm },
  { $id: 'LeaveOrg', ...strict, examples: [{ confirm: 'Acme' }] },
)

export const TransferOrg = Type.Object(
  {
    toUserId: UserId,
    then: oneOf(['member', 'accounting', 'leave'], { description: 'What becomes of you.' }),
  },
  { $id: 'TransferOrg', ...strict, examples: [{ toUserId: 'auth0|64f1c0ffee', then: 'leave' }] },
)
