import type { Actor, Change } from './changes.ts'
import {
  A_LOCAL_ADMIN,
  AN_ADMIN,
  BACKEND,
  type History,
  type Intention,
  NOWHERE,
  STRANGER,
  USERS,
} from './histories.ts'
import { type Given, type Org, type World, wayUp } from './model.ts'

/** @param ids of the organisations */
export function begin({ beginnings }: History, ids: readonly [string, string]): World {
  const orgs = beginnings.map((start, position): Org => {
    const name = position === 0 ? 'Acme' : 'Bolt'
    const members = new Map<string, Given>(
      USERS.flatMap((userId, n) => {
        const role = userId === start.founder ? 'admin' : start.roles[n]
        return role ? [[userId, { role, by: null }]] : []
      }),
    )
    const resources = new Map(
      start.ids.map((id, n) => {
        const back = start.parents[n] ?? 0
        const parentId = back === 0 ? null : (start.ids[Math.max(0, n - back)] ?? null)
        return [id, { parentId: n === 0 ? null : parentId, name: `${name} ${id}` }]
      }),
    )
    const grants = start.grants
      .map(({ userId, role, on }) => ({ userId, role, resourceId: pick(start.ids, on) }))
      .filter(({ userId }) => members.has(userId))
      .map((grant) => ({ ...grant, by: { type: 'service' as const, id: BACKEND }, version: 1 }))
    return {
      id: ids[position] ?? NOWHERE,
      name,
      live: true,
      memberAccess: start.memberAccess,
      members,
      resources,
      grants: [...new Map(grants.map((grant) => [`${grant.userId} ${grant.resourceId}`, grant])).values()],
    }
  })
  return new Map(orgs.map((org) => [org.id, org]))
}

export interface Attempt {
  readonly orgId: string
  readonly by: Actor
  readonly change: Change
}

/**
 * Turns an intention into an attempt in the world as it is, mostly at places that exist.
 *
 * @param known all ids of resources that ever existed, in any organisation.
 */
export function resolve(world: World, known: readonly string[], intention: Intention): Attempt {
  const orgId = intention.target.org > 980 ? NOWHERE : pick([...world.keys()], intention.target.org)
  const org = world.get(orgId)
  const resourceAt = (n: number) =>
    n > 950 ? pick([NOWHERE, ...known], n) : pick([...(org?.resources.keys() ?? [])], n)
  // Often the deepest resource, so that some attempts are too deep.
  const parentAt = (n: number | null) => (n === null ? null : n % 3 === 2 ? deepest(org) : resourceAt(n))
  return {
    orgId,
    by: intention.do === 'join' ? actorOf(BACKEND) : actorOf(intention.target.by),
    change: change(),
  }

  function actorOf(who: string): Actor {
    const isAdmin = (userId: string) => org?.members.get(userId)?.role === 'admin'
    const admin = [...(org?.members.keys() ?? [])].find(isAdmin) ?? STRANGER
    const local = org?.grants.find(({ userId, role }) => role === 'admin' && !isAdmin(userId))?.userId
    const id = who === AN_ADMIN ? admin : who === A_LOCAL_ADMIN ? (local ?? admin) : who
    return { type: id === BACKEND ? 'service' : 'user', id }
  }

  function change(): Change {
    switch (intention.do) {
      case 'create':
        return { do: 'create', parentId: parentAt(intention.parent), name: `${org?.name} ${known.length}` }
      case 'move':
        return {
          do: 'move',
          resourceId: resourceAt(intention.resource),
          parentId: parentAt(intention.parent),
        }
      case 'delete':
        return { do: 'delete', resourceId: resourceAt(intention.resource) }
      case 'grant': {
        const { user: userId, role } = intention
        return { do: 'grant', userId, role, resourceId: resourceAt(intention.resource) }
      }
      case 'withdraw': {
        const held = intention.held ? org?.grants[intention.resource % org.grants.length] : undefined
        const { userId, resourceId } = held ?? {
          userId: intention.user,
          resourceId: resourceAt(intention.resource),
        }
        return { do: 'withdraw', userId, resourceId }
      }
      case 'join': {
        const { user: userId, role, on, onRole } = intention
        return {
          do: 'join',
          userId,
          role,
          on: on === null ? null : { resourceId: resourceAt(on), role: onRole },
        }
      }
      case 'change role':
        return { do: 'change role', userId: intention.user, role: intention.role }
      case 'remove':
        return { do: 'remove', userId: intention.user }
      case 'open':
        return { do: 'open', memberAccess: intention.access }
      case 'delete org':
      case 'restore org':
        return { do: intention.do }
    }
  }
}

function deepest(org: Org | undefined): string {
  const ways = [...(org?.resources.keys() ?? [])].map((id) => (org ? wayUp(org, id) : []))
  return ways.toSorted((a, b) => b.length - a.length)[0]?.[0] ?? NOWHERE
}

function pick(ids: readonly string[], n: number): string {
  return ids[n % ids.length] ?? NOWHERE
}
