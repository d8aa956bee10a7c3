import { Type } from '@sinclair/typebox'
import {
  etag,
  IdempotencyHeader,
  IfMatchHeader,
  OrgParams,
  PageQuery,
  ref,
  strict,
  UserId,
  VerbHeaders,
} from '../contract/fields.ts'
import { NoContent, operation } from '../contract/operation.ts'
import { Member } from '../members/schema.ts'
import {
  Confirm,
  CreateOrg,
  ExternalId,
  LeaveOrg,
  Org,
  OrgPage,
  OrgWithRole,
  TransferOrg,
  UpdateOrg,
} from './schema.ts'

export const createOrg = operation({
  operationId: 'createOrg',
  tags: ['Organisations'],
  summary: 'Create an organisation',
  description:
    'A user becomes its Admin. A service (`muster:write`) names the Admin in `adminUserId`, and may set `externalId`; a user may set neither.',
  headers: IdempotencyHeader,
  body: ref(CreateOrg),
  response: { 201: { ...ref(OrgWithRole), ...etag } },
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
  response: { 200: { ...ref(Member), ...etag } },
  refusals: ['forbidden', 'org_not_found', 'member_not_found', 'version_mismatch'],
})
