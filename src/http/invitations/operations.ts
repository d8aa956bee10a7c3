import { Type } from '@sinclair/typebox'
import {
  Email,
  etag,
  Id,
  IdempotencyHeader,
  IfMatchHeader,
  OrgParams,
  PageQuery,
  RoleName,
  ref,
  strict,
  VerbHeaders,
} from '../contract/fields.ts'
import { operation } from '../contract/operation.ts'
import {
  BatchResults,
  CreateInvitation,
  CreateInvitations,
  HandedOut,
  Invitation,
  InvitationPage,
  Status,
  UpdateInvitation,
} from './schema.ts'

const InvitationParams = Type.Object({
  ...OrgParams.properties,
  invitationId: { ...Id, description: "The invitation's id." },
})

export const invite = operation({
  operationId: 'invite',
  tags: ['Invitations'],
  summary: 'Invite somebody',
  description:
    'By e-mail, or without `email` as an open code for several people. The secret goes to one place: the mail, or this answer (an open code, or `notify: false`). An open code never makes an Admin. For Admins and services.',
  params: OrgParams,
  headers: IdempotencyHeader,
  body: ref(CreateInvitation),
  response: { 201: { ...ref(HandedOut), ...etag } },
  refusals: [
    'forbidden',
    'org_not_found',
    'resource_not_found',
    'already_member',
    'already_invited',
    'role_not_allowed',
    'rate_limited',
  ],
})

export const inviteBatch = operation({
  operationId: 'inviteBatch',
  tags: ['Invitations'],
  summary: 'Invite up to 100 at once',
  description:
    'Each succeeds or fails by itself, all that succeed in one transaction; the results come in the order of the request. For Admins and services.',
  params: OrgParams,
  headers: IdempotencyHeader,
  body: ref(CreateInvitations),
  response: { 200: ref(BatchResults) },
  refusals: ['forbidden', 'org_not_found'],
})

export const listInvitations = operation({
  operationId: 'listInvitations',
  tags: ['Invitations'],
  summary: 'List the invitations',
  description: 'The newest first. For Admins and services.',
  params: OrgParams,
  querystring: Type.Object(
    {
      ...PageQuery,
      status: Type.Optional(Status),
      email: Type.Optional(Email),
      role: Type.Optional(RoleName),
    },
    strict,
  ),
  response: { 200: ref(InvitationPage) },
  refusals: ['forbidden', 'org_not_found', 'invalid_cursor'],
})

export const getInvitation = operation({
  operationId: 'getInvitation',
  tags: ['Invitations'],
  summary: 'Read an invitation',
  description: 'For Admins and services.',
  params: InvitationParams,
  response: { 200: { ...ref(Invitation), ...etag } },
  refusals: ['forbidden', 'org_not_found', 'invitation_not_found'],
})

export const updateInvitation = operation({
  operationId: 'updateInvitation',
  tags: ['Invitations'],
  summary: 'Change a pending invitation',
  description: 'What it offers, or how long, counted from now. The code stays. For Admins and services.',
  params: InvitationParams,
  headers: IfMatchHeader,
  body: ref(UpdateInvitation),
  response: { 200: { ...ref(Invitation), ...etag } },
  refusals: [
    'forbidden',
    'org_not_found',
    'invitation_not_found',
    'invitation_not_pending',
    'resource_not_found',
    'role_not_allowed',
    'version_mismatch',
  ],
})

export const revokeInvitation = operation({
  operationId: 'revokeInvitation',
  tags: ['Invitations'],
  summary: 'Revoke an invitation',
  description: 'Nobody joins by it any more. Doing it twice is no error. For Admins and services.',
  params: InvitationParams,
  headers: VerbHeaders,
  response: { 200: { ...ref(Invitation), ...etag } },
  refusals: [
    'forbidden',
    'org_not_found',
    'invitation_not_found',
    'invitation_not_pending',
    'version_mismatch',
  ],
})

export const resendInvitation = operation({
  operationId: 'resendInvitation',
  tags: ['Invitations'],
  summary: 'Send an invitation again',
  description:
    'A new code (the old one is dead at once), a new term, and a new mail where the first one was mailed. Also for one that has expired. For Admins and services.',
  params: InvitationParams,
  headers: VerbHeaders,
  response: { 200: { ...ref(HandedOut), ...etag } },
  refusals: [
    'forbidden',
    'org_not_found',
    'invitation_not_found',
    'invitation_not_pending',
    'already_invited',
    'already_member',
    'version_mismatch',
    'rate_limited',
  ],
})
