import fc from 'fast-check'
import type { Actor, Change } from './changes.ts'
import { type Given, type Org, ROLES, type World, wayUp } from './model.ts'

export const USERS = ['amy', 'ben', 'cat', 'dan', 'eve']
export const STRANGER = 'zoe'
export const BACKEND = 'backend'
export const NOWHERE = '00000000-0000-7000-8000-00000000dead'

// The same ids in every organisation, the lowest and the highest of UUIDv7 among them: rows are told apart by the
// organisation, or not at all.
const IDS = Array.from({ length: 10 }, (_, n) =>
  n === 0
    ? '00000000-0000-7000-8000-000000000000'
    : n === 9
      ? 'ffffffff-ffff-7fff-bfff-ffffffffffff'
      : `0${n}93a1c4-5b7e-7c00-9f00-0000000000${n}0`,
)

const role = fc.constantFrom(...ROLES)
const user = fc.constantFrom(...USERS)
/** Which of what is there when it is asked; see `pick`. */
const any = fc.nat(999)

const SIZE = 8
/** How far back in the list of resources the parent of each is; 0: none. Every fourth tree is one branch. */
const back = weighted([1, fc.constant(0)], [6, fc.constant(1)], [3, fc.integer({ min: 2, max: 4 })])
const parents = weighted(
  [3, fc.array(back, { minLength: SIZE, maxLength: SIZE })],
  [1, fc.constant(Array.from({ length: SIZE }, () => 1))],
)

/** How an organisation begins. */
const beginning = fc.record({
  memberAccess: weighted([3, fc.constant('granted' as const)], [1, fc.constant('all' as const)]),
  roles: fc.tuple(
    ...USERS.map(() => weighted([2, fc.constant(null)], [2, role], [4, fc.constant('member' as const)])),
  ),
  founder: user,
  // In this order from the top down, so that the order of ids says nothing of the tree.
  ids: fc.shuffledSubarray(IDS, { minLength: 3, maxLength: SIZE }),
  parents,
  grants: fc.array(fc.record({ userId: user, on: any, role }), { maxLength: 12, size: 'max' }),
})

const AN_ADMIN = 'one of its Admins'
const target = fc.record({
  org: any,
  by: weighted([5, fc.constant(BACKEND)], [4, fc.constant(AN_ADMIN)], [3, user], [1, fc.constant(STRANGER)]),
})
const parent = fc.option(any, { freq: 4 })

const intention = weighted(
  [4, fc.record({ do: fc.constant('create' as const), target, parent })],
  [8, fc.record({ do: fc.constant('move' as const), target, resource: any, parent })],
  [1, fc.record({ do: fc.constant('delete' as const), target, resource: any })],
  [6, fc.record({ do: fc.constant('grant' as const), target, resource: any, user, role })],
  [3, fc.record({ do: fc.constant('withdraw' as const), target, resource: any, user, held: fc.boolean() })],
  [3, fc.record({ do: fc.constant('change role' as const), target, user, role })],
  [2, fc.record({ do: fc.constant('remove' as const), target, user })],
  [2, fc.record({ do: fc.constant('join' as const), target, user, role, on: fc.option(any), onRole: role })],
  [
    2,
    fc.record({
      do: fc.constant('open' as const),
      target,
      access: fc.constantFrom('granted' as const, 'all' as const),
    }),
  ],
  [1, fc.record({ do: fc.constant('delete org' as const), target })],
  [1, fc.record({ do: fc.constant('restore org' as const), target })],
)
type Intention = typeof intention extends fc.Arbitrary<infer T> ? T : never

/** Two organisations, what is tried in them, and a seed for what is asked afterwards. */
export const history = fc.record({
  beginnings: fc.tuple(beginning, beginning),
  intentions: fc.array(intention, { maxLength: 15, size: 'max' }),
  questions: fc.nat(),
})
export type History = typeof history extends fc.Arbitrary<infer T> ? T : never

/** @param ids of the organisations. */
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
 * What is tried, in the world as it is: mostly where there is something.
 *
 * @param known all ids of resources there have ever been, in any organisation.
 */
export function resolve(world: World, known: readonly string[], intention: Intention): Attempt {
  const orgId = intention.target.org > 980 ? NOWHERE : pick([...world.keys()], intention.target.org)
  const org = world.get(orgId)
  const resourceAt = (n: number) =>
    n > 950 ? pick([NOWHERE, ...known], n) : pick([...(org?.resources.keys() ?? [])], n)
  // Often where a tree is deepest, so that some of it is too deep.
  const parentAt = (n: number | null) => (n === null ? null : n % 3 === 2 ? deepest(org) : resourceAt(n))
  return {
    orgId,
    by: intention.do === 'join' ? actorOf(BACKEND) : actorOf(intention.target.by),
    change: change(),
  }

  function actorOf(who: string): Actor {
    const admin = [...(org?.members ?? [])].find(([, { role }]) => role === 'admin')?.[0]
    const id = who === AN_ADMIN ? (admin ?? STRANGER) : who
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

function weighted<T extends [weight: number, arbitrary: fc.Arbitrary<unknown>][]>(
  ...choices: T
): fc.Arbitrary<T[number][1] extends fc.Arbitrary<infer U> ? U : never> {
  return fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary }))) as never
}
