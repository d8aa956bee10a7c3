import { Type } from '@sinclair/typebox'
import { Id, OrgParams, PageQuery, ref, strict, UserId } from '../contract/fields.ts'
import { operation } from '../contract/operation.ts'
import { AccessCheck, AccessPage, AccessVerdicts, RoleMatrix } from './schema.ts'

export const checkAccess = operation({
  operationId: 'checkAccess',
  tags: ['Access'],
  summary: 'May this user do that here?',
  description:
    'Up to 100 questions at once, answered as things are now. What does not exist allows nothing, and is no error. Users ask about themselves, services (`muster:check`) about anybody.',
  body: ref(AccessCheck),
  response: { 200: ref(AccessVerdicts) },
  refusals: ['forbidden'],
})

export const explainAccess = operation({
  operationId: 'explainAccess',
  tags: ['Access'],
  summary: 'Why may they?',
  description:
    'What a member may do: in the organisation first, then on each resource they may read, with every reason: which role, from where, since when, given by whom. For the member, for Admins and for services.',
  params: Type.Object({ ...OrgParams.properties, userId: UserId }),
  querystring: Type.Object(
    { ...PageQuery, resourceId: Type.Optional({ ...Id, description: 'Only on this resource.' }) },
    strict,
  ),
  response: { 200: ref(AccessPage) },
  refusals: ['forbidden', 'org_not_found', 'member_not_found', 'invalid_cursor'],
})

export const listRoles = operation({
  operationId: 'listRoles',
  tags: ['Access'],
  summary: 'What each role may do',
  description: 'The same for every organisation.',
  response: { 200: ref(RoleMatrix) },
  refusals: [],
})
