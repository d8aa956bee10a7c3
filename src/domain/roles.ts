export const ROLES = ['admin', 'accounting', 'member'] as const

export type Role = (typeof ROLES)[number]

/** What each role may do in its organisation. The only place where a right is granted. */
export const PERMISSIONS = {
  'org:read': ['admin', 'accounting', 'member'],
  'members:read': ['admin', 'accounting', 'member'],
  'org:update': ['admin'],
  'org:delete': ['admin'],
  'members:manage': ['admin'],
  'invitations:manage': ['admin'],
} as const satisfies Record<string, readonly Role[]>

export type Permission = keyof typeof PERMISSIONS

export function roleAllows(role: Role, permission: Permission): boolean {
  const roles: readonly Role[] = PERMISSIONS[permission]
  return roles.includes(role)
}
