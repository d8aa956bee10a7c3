import { Type } from '@sinclair/typebox'
import {
  etag,
  HttpsUrl,
  Id,
  IdempotencyHeader,
  IfMatchHeader,
  line,
  Metadata,
  nullable,
  oneOf,
  PageQuery,
  pageOf,
  RoleName,
  ref,
  strict,
  Timestamp,
  UserId,
  VerbHeaders,
  Version,
} from './fields.ts'
import { Member } from './member.ts'
import { NoContent, operation } from './operation.ts'

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
const ExternalId = line(255, { description: 'Your own name for it, unique.', examples: ['tenant-42'] })
const Confirm = Type.String({
  maxLength: 100,
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

export const Org = Type.Object(fields, { $id: 'Org', examples: [EXAMPLE] })

export const OrgWithRole = Type.Object(
  {
    ...fields,
    role: Type.Unsafe<typeof RoleName.static | null>({
      ...nullable(RoleName),
      enum: [...RoleName.enum, null],
    }),
  },
  { $id: 'OrgWithRole', examples: [{ ...EXAMPLE, role: 'admin' }] },
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

export const OrgParams = Type.Object({ orgId: Id })

export const createOrg = operation({
  operationId: 'createOrg',
  tags: ['Organisations'],
  summary: 'Create an organisation',
  description:
    'A user becomes its Admin. A service (`muster:write`) names the Admin in `adminUserId`, and may set `externalId`; a user may set neither.',
  headers: IdempotencyHeader,
  body: ref(CreateOrg),
  response: { 201: ref(OrgWithRole) },
  refusals: ['forbidden', 'slug_taken', 'external_id_taken'],
})

export const listOrgs = operation({
  operationId: 'listOrgs',
  tags: ['Organisations'],
  summary: 'List organisations',
  description:
    'Those of the caller, with the role there. A service (`muster:read`) sees all, and may filter by `externalId` or `userId`; `role` is then that of the user asked for, or null.',
  querystring: Type.Object(
    { ...PageQuery, externalId: Type.Optional(ExternalId), userId: Type.Optional(UserId) },
    strict,
  ),
  response: { 200: ref(OrgPage) },
  refusals: ['forbidden', 'invalid_cursor'],
})

export const getOrg = operation({
  operationId: 'getOrg',
  tags: ['Organisations'],
  summary: 'Read an organisation',
  description: "For its members, with the caller's role, and for services (`muster:read`).",
  params: OrgParams,
  response: { 200: { ...ref(OrgWithRole), ...etag } },
  refusals: ['forbidden', 'org_not_found'],
})

export const updateOrg = operation({
  operationId: 'updateOrg',
  tags: ['Organisations'],
  summary: 'Customise an organisation',
  description: 'Sets the fields that are given; `null` clears a slug or a logo. For Admins and services.',
  params: OrgParams,
  headers: IfMatchHeader,
  body: ref(UpdateOrg),
  response: { 200: { ...ref(Org), ...etag } },
  refusals: ['forbidden', 'org_not_found', 'slug_taken', 'version_mismatch'],
})

export const deleteOrg = operation({
  operationId: 'deleteOrg',
  tags: ['Organisations'],
  summary: 'Delete an organisation',
  description:
    'It is gone for everyone with the answer. A service can restore it for 30 days. For Admins and services.',
  params: OrgParams,
  querystring: Type.Object({ confirm: Confirm }, strict),
  headers: IfMatchHeader,
  response: { 204: NoContent },
  refusals: ['forbidden', 'org_not_found', 'confirmation_mismatch', 'version_mismatch'],
})

export const restoreOrg = operation({
  operationId: 'restoreOrg',
  tags: ['Organisations'],
  summary: 'Restore a deleted organisation',
  description:
    'With its members, within 30 days. One that is not deleted stays as it is. For services (`muster:write`).',
  params: OrgParams,
  headers: VerbHeaders,
  response: { 200: { ...ref(Org), ...etag } },
  refusals: ['forbidden', 'org_not_found', 'version_mismatch'],
})

export const leaveOrg = operation({
  operationId: 'leaveOrg',
  tags: ['Organisations'],
  summary: 'Leave an organisation',
  description: 'Every member may, after confirming its name, except the only Admin.',
  params: OrgParams,
  headers: VerbHeaders,
  body: ref(LeaveOrg),
  response: { 204: NoContent },
  refusals: ['forbidden', 'org_not_found', 'last_admin', 'confirmation_mismatch', 'version_mismatch'],
})

export const transferOrg = operation({
  operationId: 'transferOrg',
  tags: ['Organisations'],
  summary: 'Hand an organisation over',
  description:
    'Another member becomes Admin, and the caller, an Admin, steps down or leaves, in one step. Answers the new Admin.',
  params: OrgParams,
  headers: VerbHeaders,
  body: ref(TransferOrg),
  response: { 200: ref(Member) },
  refusals: ['forbidden', 'org_not_found', 'member_not_found', 'version_mismatch'],
})
