// The rules of section 3 of the contract in the plainest form: nothing of `src`, no thought of speed.

/** Sorted from the strongest down. */
export const ROLES = ['admin', 'accounting', 'member'] as const
export type Role = (typeof ROLES)[number]

const EVERYBODY: readonly Role[] = ROLES
const MONEY: readonly Role[] = ['admin', 'accounting']
const ADMIN: readonly Role[] = ['admin']

const IN_AN_ORG = {
  'org:read': EVERYBODY,
  'members:read': EVERYBODY,
  'org:update': ADMIN,
  'org:delete': ADMIN,
  'members:manage': ADMIN,
  'invitations:manage': ADMIN,
  'events:read': ADMIN,
  'billing:read': MONEY,
  'billing:update': MONEY,
  'resources:create': ADMIN,
}
const ON_A_RESOURCE = {
  'resource:read': EVERYBODY,
  'resource:update': ADMIN,
  'resource:delete': ADMIN,
  'resource:grant': ADMIN,
  'resource:create': ADMIN,
  'billing:read': MONEY,
  'billing:update': MONEY,
}
export type Permission = keyof typeof IN_AN_ORG | keyof typeof ON_A_RESOURCE

/** Id of a resource, or null for the organisation itself. */
export type Place = string | null

/** The giver of a role: a user, the backend, or null where it was not noted. */
export type Giver = { readonly type: 'user' | 'service'; readonly id: string } | null

export interface Given {
  readonly role: Role
  readonly by: Giver
}

export interface Grant extends Given {
  readonly userId: string
  readonly resourceId: string
  readonly version: number
}

export interface Org {
  readonly id: string
  readonly name: string
  readonly live: boolean
  readonly memberAccess: 'granted' | 'all'
  readonly members: ReadonlyMap<string, Given>
  readonly resources: ReadonlyMap<string, { readonly parentId: string | null; readonly name: string }>
  readonly grants: readonly Grant[]
}

export type World = ReadonlyMap<string, Org>

export interface Reason extends Given {
  /** Place where the role was given. */
  readonly source: Place
}

/** A resource and all above it, from itself to the root of its tree. */
export function wayUp({ resources }: Pick<Org, 'resources'>, resourceId: string): string[] {
  const resource = resources.get(resourceId)
  if (!resource) return []
  return [resourceId, ...(resource.parentId === null ? [] : wayUp({ resources }, resource.parentId))]
}

/** All reasons for a right at the place, the one that counts first: the strongest role, and of equals the nearest. */
export function reasonsFor(org: Org | undefined, userId: string, place: Place): Reason[] {
  const member = org?.live ? org.members.get(userId) : undefined
  if (!org || !member || (place !== null && !org.resources.has(place))) return []
  const nearestFirst: Reason[] = (place === null ? [] : wayUp(org, place)).flatMap((source) =>
    org.grants
      .filter((grant) => grant.userId === userId && grant.resourceId === source)
      .map(({ role, by }) => ({ role, by, source })),
  )
  const reachesAll = member.role !== 'member' || org.memberAccess === 'all'
  if (place === null || reachesAll) nearestFirst.push({ ...member, source: null })
  return ROLES.flatMap((role) => nearestFirst.filter((reason) => reason.role === role))
}

export function roleOf(org: Org | undefined, userId: string, place: Place): Role | null {
  return reasonsFor(org, userId, place)[0]?.role ?? null
}

export function permissionsAt(place: Place): Permission[] {
  return Object.keys(tableAt(place)) as Permission[]
}

export function permissionsOf(role: Role, place: Place): Permission[] {
  return permissionsAt(place).filter((permission) => tableAt(place)[permission]?.includes(role))
}

function tableAt(place: Place): Partial<Record<Permission, readonly Role[]>> {
  return place === null ? IN_AN_ORG : ON_A_RESOURCE
}

export function mayDo(org: Org | undefined, userId: string, permission: Permission, place: Place): boolean {
  const role = roleOf(org, userId, place)
  return role !== null && permissionsOf(role, place).includes(permission)
}

/** Sorted by id. */
export function readableTo(org: Org, userId: string): string[] {
  return [...org.resources.keys()].filter((id) => mayDo(org, userId, 'resource:read', id)).sort()
}

/** People with any right on the resource, by user id. */
export function peopleOn(org: Org, resourceId: string): string[] {
  return [...org.members.keys()].filter((userId) => roleOf(org, userId, resourceId) !== null).sort()
}

/** Reason of a refusal; undefined: allowed. `userId` is null for a service, which may do everything everywhere. */
export function refusalFor(
  org: Org | undefined,
  userId: string | null,
  permission: Permission,
  place: Place,
): string | undefined {
  if (!org?.live || (userId !== null && !org.members.has(userId))) return 'org_not_found'
  if (place !== null && !org.resources.has(place)) return 'resource_not_found'
  if (userId !== null && !mayDo(org, userId, permission, place)) return 'forbidden'
  return undefined
}
