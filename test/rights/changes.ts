import { type Grant, type Org, type Place, type Role, refusalFor, wayUp } from './model.ts'

export type Change =
  | { readonly do: 'create'; readonly parentId: Place; readonly name: string }
  | { readonly do: 'move'; readonly resourceId: string; readonly parentId: Place }
  | { readonly do: 'delete'; readonly resourceId: string }
  | { readonly do: 'grant'; readonly resourceId: string; readonly userId: string; readonly role: Role }
  | { readonly do: 'withdraw'; readonly resourceId: string; readonly userId: string }
  | { readonly do: 'change role'; readonly userId: string; readonly role: Role }
  | { readonly do: 'remove'; readonly userId: string }
  | {
      readonly do: 'join'
      readonly userId: string
      readonly role: Role
      /** Right that comes with the invitation. */
      readonly on: { readonly resourceId: string; readonly role: Role } | null
    }
  | { readonly do: 'open'; readonly memberAccess: Org['memberAccess'] }
  | { readonly do: 'delete org' }
  | { readonly do: 'restore org' }

export interface Actor {
  readonly type: 'user' | 'service'
  readonly id: string
}

const MAX_DEPTH = 8

/**
 * Returns the organisation after the change, or the code of the refusal.
 *
 * @param newId of the resource, if one is created.
 */
export function changed(org: Org | undefined, by: Actor, change: Change, newId: string): Org | string {
  const userId = by.type === 'user' ? by.id : null
  if (change.do === 'restore org') return userId === null && org ? { ...org, live: true } : refusedRestore(by)
  const refusal = refusalOf(org, userId, change)
  if (refusal !== undefined || !org) return refusal ?? 'org_not_found'

  switch (change.do) {
    case 'create': {
      const { parentId, name } = change
      if (depthOf(org, parentId) + 1 > MAX_DEPTH) return 'resource_too_deep'
      return { ...org, resources: new Map([...org.resources, [newId, { parentId, name }]]) }
    }
    case 'move':
      return moved(org, userId, change.resourceId, change.parentId)
    case 'delete':
      return without(org, branchOf(org, change.resourceId))
    case 'grant':
      return granted(org, by, change)
    case 'withdraw': {
      const grants = org.grants.filter((grant) => !isOn(grant, change))
      return grants.length < org.grants.length ? { ...org, grants } : 'grant_not_found'
    }
    case 'change role': {
      const { role } = change
      const member = org.members.get(change.userId)
      if (!member) return 'member_not_found'
      if (member.role === role) return org
      if (isLastAdmin(org, change.userId)) return 'last_admin'
      return { ...org, members: new Map([...org.members, [change.userId, { role, by }]]) }
    }
    case 'remove': {
      if (!org.members.has(change.userId)) return 'member_not_found'
      if (isLastAdmin(org, change.userId)) return 'last_admin'
      const members = new Map([...org.members].filter(([id]) => id !== change.userId))
      return { ...org, members, grants: org.grants.filter((grant) => grant.userId !== change.userId) }
    }
    case 'join': {
      const { role, on } = change
      if (on && !org.resources.has(on.resourceId)) return 'resource_not_found'
      if (org.members.has(change.userId)) return 'already_member'
      const joined = { ...org, members: new Map([...org.members, [change.userId, { role, by }]]) }
      return on ? granted(joined, by, { userId: change.userId, ...on }) : joined
    }
    case 'open':
      return { ...org, memberAccess: change.memberAccess }
    case 'delete org':
      return { ...org, live: false }
  }
}

/** Checks the right that each change needs, and where. */
function refusalOf(
  org: Org | undefined,
  userId: string | null,
  change: Exclude<Change, { do: 'restore org' }>,
): string | undefined {
  switch (change.do) {
    case 'create':
      return refusedPlace(org, userId, change.parentId)
    case 'move':
      return refusalFor(org, userId, 'resource:update', change.resourceId)
    case 'delete':
      return refusalFor(org, userId, 'resource:delete', change.resourceId)
    case 'grant':
    case 'withdraw':
      return refusalFor(org, userId, 'resource:grant', change.resourceId)
    case 'change role':
    case 'remove':
      return refusalFor(org, userId, 'members:manage', null)
    case 'join':
      return refusalFor(org, userId, 'invitations:manage', null)
    case 'open':
      return refusalFor(org, userId, 'org:update', null)
    case 'delete org':
      return refusalFor(org, userId, 'org:delete', null)
  }
}

function refusedPlace(org: Org | undefined, userId: string | null, parentId: Place): string | undefined {
  return refusalFor(org, userId, parentId === null ? 'resources:create' : 'resource:create', parentId)
}

function refusedRestore({ type }: Actor): string {
  return type === 'user' ? 'forbidden' : 'org_not_found'
}

function moved(org: Org, userId: string | null, resourceId: string, parentId: Place): Org | string {
  const resource = org.resources.get(resourceId)
  if (!resource || resource.parentId === parentId) return org
  const refusal = refusedPlace(org, userId, parentId)
  if (refusal) return refusal
  const branch = branchOf(org, resourceId)
  if (parentId !== null && branch.includes(parentId)) return 'resource_cycle'
  const height = Math.max(...branch.map((id) => depthOf(org, id))) - depthOf(org, resourceId) + 1
  if (depthOf(org, parentId) + height > MAX_DEPTH) return 'resource_too_deep'
  return { ...org, resources: new Map([...org.resources, [resourceId, { ...resource, parentId }]]) }
}

/** Grants a role. A user can grant only to members; a person whom the backend names becomes a Member. */
function granted(
  org: Org,
  by: Actor,
  { resourceId, userId, role }: Pick<Grant, 'resourceId' | 'userId' | 'role'>,
): Org | string {
  if (!org.members.has(userId) && by.type === 'user') return 'member_not_found'
  const members = org.members.has(userId)
    ? org.members
    : new Map([...org.members, [userId, { role: 'member' as const, by }]])
  const known = org.grants.find((grant) => isOn(grant, { resourceId, userId }))
  if (known?.role === role) return org
  const grant = { resourceId, userId, role, by, version: (known?.version ?? 0) + 1 }
  return { ...org, members, grants: [...org.grants.filter((other) => other !== known), grant] }
}

function isOn(grant: Grant, { resourceId, userId }: Pick<Grant, 'resourceId' | 'userId'>): boolean {
  return grant.resourceId === resourceId && grant.userId === userId
}

function isLastAdmin({ members }: Org, userId: string): boolean {
  const admins = [...members].filter(([, { role }]) => role === 'admin')
  return admins.every(([id]) => id === userId)
}

function depthOf(org: Org, place: Place): number {
  return place === null ? 0 : wayUp(org, place).length
}

/** A resource and all below it. */
function branchOf(org: Org, resourceId: string): string[] {
  return [...org.resources.keys()].filter((id) => wayUp(org, id).includes(resourceId))
}

function without(org: Org, gone: readonly string[]): Org {
  return {
    ...org,
    resources: new Map([...org.resources].filter(([id]) => !gone.includes(id))),
    grants: org.grants.filter(({ resourceId }) => !gone.includes(resourceId)),
  }
}
