import { Type } from '@sinclair/typebox'
import { ORG_PERMISSIONS, type Permission, RESOURCE_PERMISSIONS, ROLES } from '../../domain/roles.ts'
import {
  Id,
  MaybeRoleName,
  nullable,
  oneOf,
  pageOf,
  RoleName,
  ref,
  strict,
  Timestamp,
  UserId,
} from '../contract/fields.ts'
import { GivenBy, EXAMPLE as RESOURCE, Source } from '../resources/schema.ts'

const ofOrg = Object.keys(ORG_PERMISSIONS)
const ofResource = Object.keys(RESOURCE_PERMISSIONS)

const PermissionName = Type.Unsafe<Permission>({
  type: 'string',
  enum: [...new Set([...ofOrg, ...ofResource])],
  examples: ['resource:update'],
})

export const AccessCheck = Type.Object(
  {
    checks: Type.Array(
      Type.Object(
        {
          orgId: Id,
          permission: {
            ...PermissionName,
            description: `Without \`resourceId\`: ${ofOrg.join(', ')}. With it: ${ofResource.join(', ')}.`,
          },
          resourceId: Type.Optional(Id),
          userId: Type.Optional({
            ...UserId,
            description: 'Absent: the caller. Another one only by a service with `muster:check`.',
          }),
        },
        strict,
      ),
      { minItems: 1, maxItems: 100 },
    ),
  },
  {
    $id: 'AccessCheck',
    ...strict,
    examples: [
      { checks: [{ orgId: RESOURCE.orgId, permission: 'resource:update', resourceId: RESOURCE.id }] },
    ],
  },
)

export const AccessVerdicts = Type.Object(
  {
    results: Type.Array(
      Type.Object({
        allowed: Type.Boolean(),
        role: {
          ...MaybeRoleName,
          description: "What the user's role comes to there, also where it does not suffice. Null: none.",
        },
        source: nullable(
          Type.Object(
            { type: oneOf(['organization', 'resource']), id: Id },
            { description: 'Where that role was given.' },
          ),
        ),
      }),
    ),
  },
  {
    $id: 'AccessVerdicts',
    description: 'In the order of the checks.',
    examples: [
      {
        results: [
          { allowed: true, role: 'admin', source: { type: 'resource', id: RESOURCE.parentId } },
          { allowed: false, role: null, source: null },
        ],
      },
    ],
  },
)

const Reason = Type.Object({
  role: RoleName,
  source: Source,
  since: Timestamp,
  grantedBy: nullable({ ...GivenBy, description: 'Null: it was not noted.' }),
})

const ACCESS = {
  resource: { id: RESOURCE.id, type: RESOURCE.type, name: RESOURCE.name, parentId: RESOURCE.parentId },
  role: 'member',
  permissions: ['resource:read'],
  reasons: [
    {
      role: 'member',
      source: { type: 'resource', id: RESOURCE.parentId, name: 'Design' },
      since: '2026-01-31T09:30:00.000Z',
      grantedBy: { type: 'user', userId: 'auth0|64f1c0ffee', name: 'Alice' },
    },
  ],
}

export const Access = Type.Object(
  {
    resource: nullable(
      Type.Object(
        { id: Id, type: Type.String(), name: Type.String(), parentId: nullable(Id) },
        { description: 'Null: the organisation itself.' },
      ),
    ),
    role: { ...RoleName, description: 'What their role comes to here: that of the first reason.' },
    permissions: Type.Array(PermissionName),
    reasons: Type.Array(Reason, {
      description: 'Every one there is, the strongest first, of equal ones the nearest.',
    }),
  },
  { $id: 'Access', description: 'What somebody may do somewhere, and why.', examples: [ACCESS] },
)

export const AccessPage = pageOf(ref(Access), 'AccessPage', { examples: [{ data: [ACCESS], next: null }] })

export const RoleMatrix = Type.Object(
  {
    roles: Type.Array(
      Type.Object({
        role: RoleName,
        organization: Type.Array(oneOf(ofOrg), { description: 'What it may in the organisation.' }),
        resource: Type.Array(oneOf(ofResource), { description: 'What it may on a resource and below it.' }),
      }),
    ),
  },
  {
    $id: 'RoleMatrix',
    description: 'From the strongest role down.',
    examples: [
      {
        roles: ROLES.map((role) => ({
          role,
          organization: ['org:read', 'members:read'],
          resource: ['resource:read'],
        })),
      },
    ],
  },
)
