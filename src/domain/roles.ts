/** Roles from the strongest to the weakest: a role may do everything that the roles after it may. */
export const ROLES = ['admin', 'accounting', 'member'] as const

export type Role = (typeof ROLES)[number]

/** Permissions in an organisation, each with the roles that have it. */
export const ORG_PERMISSIONS = {
  'org:read': ['admin', 'accounting', 'member'],
  'org:update': ['admin'],
  'org:delete': ['admin'],
  'members:read': ['admin', 'accounting', 'member'],
  'members:manage': ['admin'],
  'invitations:manage': ['admin'],
  'events:read': ['admin'],
  'billing:read': ['admin', 'accounting'],
  'billing:update': ['admin', 'accounting'],
  'resources:create': ['admin'],
} as const satisfies Record<string, readonly Role[]>

/** Permissions on a resource and on everything below it, each with the roles that have them. */
export const RESOURCE_PERMISSIONS = {
  'resource:read': ['admin', 'accounting', 'member'],
  'resource:update': ['admin'],
  'resource:delete': ['admin'],
  'resource:grant': ['admin'],
  'resource:create': ['admin'],
  'billing:read': ['admin', 'accounting'],
  'billing:update': ['admin', 'accounting'],
} as const satisfies Record<string, readonly Role[]>

export type OrgPermission = keyof typeof ORG_PERMISSIONS
export type ResourcePermission = keyof typeof RESOURCE_PERMISSIONS
export type Permission = OrgPermission | ResourcePermission

const PERMISSIONS: Record<Permission, readonly Role[]> = { ...ORG_PERMISSIONS, ...RESOURCE_PERMISSIONS }

export function roleAllows(role: Role, permission: Permission): boolean {
  return PERMISSIONS[permission].includes(role)
}

export function isOrgPermission(permission: Permission): permission is OrgPermission {
  return permission in ORG_PERMISSIONS
}

export function isResourcePermission(permission: Permission): permission is ResourcePermission {
  return permission in RESOURCE_PERMISSIONS
}

export function orgPermissionsOf(role: Role): OrgPermission[] {
  return permissionNames(ORG_PERMISSIONS).filter((permission) => roleAllows(role, permission))
}

export function resourcePermissionsOf(role: Role): ResourcePermission[] {
  return permissionNames(RESOURCE_PERMISSIONS).filter((permission) => roleAllows(role, permission))
}

function permissionNames<P extends string>(table: Readonly<Record<P, unknown>>): P[] {
  return Object.keys(table) as P[]
}
