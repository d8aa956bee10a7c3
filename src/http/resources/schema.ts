import { Type } from '@sinclair/typebox'
import {
  Id,
  line,
  MaybeRoleName,
  Metadata,
  nullable,
  OrgParams,
  oneOf,
  pageOf,
  RoleName,
  ref,
  strict,
  Timestamp,
  UserId,
  Version,
} from '../contract/fields.ts'

// A resource, and a role on it, as HTTP shows them.

const ID = '01980f3b-1a2b-7c3d-8e4f-5a6b7c8d9e0f'
const PARENT = '01980f3a-9f00-7d21-b3c4-1122334455aa'

export const ResourceParams = Type.Object({
  ...OrgParams.properties,
  resourceId: { ...Id, description: "The resource's id." },
})

export const ResourceType = Type.String({
  pattern: '^[a-z0-9](?:[a-z0-9_-]{0,48}[a-z0-9])?$',
  maxLength: 50,
  description: "A short slug of your product's own.",
  examples: ['workspace'],
})
const Name = line(200, { examples: ['Design'] })
export const ResourceExternalId = line(255, {
  description: 'Your own name for it, unique in the organisation.',
  examples: ['ws-42'],
})
export const ParentId = {
  ...Id,
  description: 'What it lies in. Null: nothing but the organisation.',
  examples: [PARENT],
}
export const EXAMPLE = {
  id: ID,
  orgId: '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e',
  parentId: PARENT,
  type: 'domain',
  name: 'design.example.com',
  externalId: null,
  metadata: {},
  role: 'admin',
  version: 1,
  createdAt: '2026-01-31T09:30:00.000Z',
  updatedAt: '2026-01-31T09:30:00.000Z',
}

export const Resource = Type.Object(
  {
    id: Id,
    orgId: Id,
    parentId: nullable(ParentId),
    type: ResourceType,
    name: Name,
    externalId: nullable(ResourceExternalId),
    metadata: Metadata,
    role: {
      ...MaybeRoleName,
      description:
        "What the caller's role comes to here, inherited or granted. Null: none, as for a service.",
    },
    version: Version,
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { $id: 'Resource', description: 'A workspace, a domain in a workspace, a project.', examples: [EXAMPLE] },
)

export const ResourcePage = pageOf(ref(Resource), 'ResourcePage', {
  examples: [{ data: [EXAMPLE], next: null }],
})

export const CreateResource = Type.Object(
  {
    type: ResourceType,
    name: Name,
    parentId: Type.Optional(nullable(ParentId)),
    externalId: Type.Optional(nullable(ResourceExternalId)),
    metadata: Type.Optional(Metadata),
  },
  {
    $id: 'CreateResource',
    ...strict,
    examples: [{ type: 'workspace', name: 'Design', externalId: 'ws-42' }],
  },
)

export const UpdateResource = Type.Object(
  {
    name: Type.Optional(Name),
    parentId: Type.Optional(nullable(ParentId)),
    externalId: Type.Optional(nullable(ResourceExternalId)),
    metadata: Type.Optional(Metadata),
  },
  { $id: 'UpdateResource', ...strict, examples: [{ name: 'Brand design', parentId: null }] },
)

/** The place where a role was granted. */
export const Source = Type.Object({
  type: oneOf(['organization', 'resource']),
  id: Id,
  name: Type.String({ examples: ['Design'] }),
})

export const GivenBy = Type.Object({
  type: oneOf(['user', 'service']),
  userId: Type.String({ description: 'The `sub` of the user or the service.' }),
  name: nullable(Type.String({ examples: ['Alice'] })),
})

const GRANT = {
  orgId: EXAMPLE.orgId,
  resourceId: PARENT,
  userId: 'auth0|0ddba11',
  role: 'accounting',
  grantedAt: '2026-01-31T09:30:00.000Z',
  grantedBy: { type: 'user', userId: 'auth0|64f1c0ffee', name: 'Alice' },
  version: 1,
}

export const Grant = Type.Object(
  {
    orgId: Id,
    resourceId: Id,
    userId: UserId,
    role: RoleName,
    grantedAt: Timestamp,
    grantedBy: GivenBy,
    version: Version,
  },
  {
    $id: 'Grant',
    description: 'A role of a member on one resource, and so on everything below it.',
    examples: [GRANT],
  },
)

export const GrantRole = Type.Object(
  { role: RoleName },
  { $id: 'GrantRole', ...strict, examples: [{ role: 'accounting' }] },
)

const MEMBER = {
  userId: 'auth0|0ddba11',
  name: 'Bob',
  email: 'bob@example.com',
  role: 'admin',
  source: 'inherited',
  from: { type: 'organization', id: EXAMPLE.orgId, name: 'Acme' },
  grant: null,
}

export const ResourceMember = Type.Object(
  {
    userId: UserId,
    name: nullable(Type.String({ examples: ['Bob'] })),
    email: nullable(Type.String({ examples: ['bob@example.com'] })),
    role: { ...RoleName, description: 'The strongest they have here; of equal ones the nearest is told.' },
    source: oneOf(['direct', 'inherited'], {
      description: '`direct`: granted on this very resource. `inherited`: from above.',
    }),
    from: Type.Object(
      { ...Source.properties, name: nullable(Source.properties.name) },
      {
        description: 'Where it was given. The name is null for who may not read that resource.',
      },
    ),
    grant: nullable(
      Type.Object(
        { role: RoleName, version: Version },
        { description: 'What was granted on this very resource, which can be less than `role`.' },
      ),
    ),
  },
  {
    $id: 'ResourceMember',
    description: 'Somebody with a right on a resource.',
    examples: [MEMBER],
  },
)

export const ResourceMemberPage = pageOf(ref(ResourceMember), 'ResourceMemberPage', {
  examples: [{ data: [MEMBER], next: null }],
})
