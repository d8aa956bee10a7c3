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
  UUID,
} from '../contract/fields.ts'
import { NoContent, operation } from '../contract/operation.ts'
import {
  CreateResource,
  Grant,
  GrantRole,
  ParentId,
  Resource,
  ResourceExternalId,
  ResourceMemberPage,
  ResourcePage,
  ResourceParams,
  ResourceType,
  UpdateResource,
} from './schema.ts'

/** The `parentId` of a resource that lies directly in the organisation. */
export const ROOT = 'root'

const ResourceMemberParams = Type.Object({ ...ResourceParams.properties, userId: UserId })

const InParent = Type.String({
  pattern: `^(${ROOT}|${UUID.slice(1, -1)})$`,
  description: `Only what lies directly in this resource; \`${ROOT}\`: in none.`,
  examples: [ParentId.examples[0]],
})

export const createResource = operation({
  operationId: 'createResource',
  tags: ['Resources'],
  summary: 'Create a resource',
  description:
    'A workspace, a domain in a workspace, a project: any `type` of your own, at most 8 deep. For Admins of the organisation, or of the resource that it is to lie in, and for services.',
  params: OrgParams,
  headers: IdempotencyHeader,
  body: ref(CreateResource),
  response: { 201: { ...ref(Resource), ...etag } },
  refusals: ['forbidden', 'org_not_found', 'resource_not_found', 'resource_too_deep', 'external_id_taken'],
})

export const listResources = operation({
  operationId: 'listResources',
  tags: ['Resources'],
  summary: 'List the resources I may read',
  description: "In the order they were created, with the caller's role on each. A service sees all.",
  params: OrgParams,
  querystring: Type.Object(
    {
      ...PageQuery,
      type: Type.Optional(ResourceType),
      parentId: Type.Optional(InParent),
      externalId: Type.Optional(ResourceExternalId),
    },
    strict,
  ),
  response: { 200: ref(ResourcePage) },
  refusals: ['forbidden', 'org_not_found', 'invalid_cursor'],
})

export const getResource = operation({
  operationId: 'getResource',
  tags: ['Resources'],
  summary: 'Read a resource',
  description: 'For whoever has a role on it, granted or from above, and for services.',
  params: ResourceParams,
  response: { 200: { ...ref(Resource), ...etag } },
  refusals: ['forbidden', 'org_not_found', 'resource_not_found'],
})

export const updateResource = operation({
  operationId: 'updateResource',
  tags: ['Resources'],
  summary: 'Rename or move a resource',
  description:
    'Sets the fields that are given. Another `parentId` (null: the root) moves it with everything below it: who inherits rights from above changes with the answer, what was granted stays. For Admins of it; moving also needs `resource:create` where it is to lie.',
  params: ResourceParams,
  headers: IfMatchHeader,
  body: ref(UpdateResource),
  response: { 200: { ...ref(Resource), ...etag } },
  refusals: [
    'forbidden',
    'org_not_found',
    'resource_not_found',
    'resource_cycle',
    'resource_too_deep',
    'branch_too_large',
    'external_id_taken',
    'version_mismatch',
  ],
})

export const deleteResource = operation({
  operationId: 'deleteResource',
  tags: ['Resources'],
  summary: 'Delete a resource',
  description:
    'And everything below it, with the roles granted there, for good; at most 10,000 resources at once. For Admins of it and services.',
  params: ResourceParams,
  headers: IfMatchHeader,
  response: { 204: NoContent },
  refusals: ['forbidden', 'org_not_found', 'resource_not_found', 'version_mismatch', 'branch_too_large'],
})

export const listResourceMembers = operation({
  operationId: 'listResourceMembers',
  tags: ['Resources'],
  summary: 'List who has a right on a resource',
  description:
    'Everybody, by user id, with what their role comes to and where it comes from. For whoever may read it, and for services.',
  params: ResourceParams,
  querystring: Type.Object(PageQuery, strict),
  response: { 200: ref(ResourceMemberPage) },
  refusals: ['forbidden', 'org_not_found', 'resource_not_found', 'invalid_cursor'],
})

export const grantRole = operation({
  operationId: 'grantRole',
  tags: ['Resources'],
  summary: 'Grant a role on a resource',
  description:
    'To a member of the organisation, on the resource and everything below it; again with another role changes it. A service may name anybody: who is not in the organisation becomes a Member of it. For Admins of the resource and services.',
  params: ResourceMemberParams,
  headers: IfMatchHeader,
  body: ref(GrantRole),
  response: {
    200: { ...ref(Grant), ...etag, description: 'As it is now.' },
    201: { ...ref(Grant), ...etag, description: 'For the first time.' },
  },
  refusals: ['forbidden', 'org_not_found', 'resource_not_found', 'member_not_found', 'version_mismatch'],
})

export const withdrawRole = operation({
  operationId: 'withdrawRole',
  tags: ['Resources'],
  summary: 'Withdraw a role on a resource',
  description:
    'Takes back what was granted on this very resource. What the member has from above, they keep. For Admins of the resource and services.',
  params: ResourceMemberParams,
  headers: IfMatchHeader,
  response: { 204: NoContent },
  refusals: ['forbidden', 'org_not_found', 'resource_not_found', 'grant_not_found', 'version_mismatch'],
})
