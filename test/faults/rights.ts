import type { Random } from './random.ts'
import type { World } from './world.ts'

export interface Right {
  readonly resourceId: string
  readonly role: string
}

/** Picks rights for an invitation: none, or up to two, now and then on a resource that is gone. */
export function rightsIn(
  world: World,
  orgId: string,
  random: Random,
  roles: readonly [string, ...string[]],
): Right[] {
  const ids = [1, 2].flatMap(() => (random.chance(0.5) ? (resourceIn(world, orgId, random) ?? []) : []))
  return [...new Set(ids)].map((resourceId) => ({ resourceId, role: random.pick(roles) }))
}

/** Returns undefined before the first resource. */
export function resourceIn(world: World, orgId: string, random: Random): string | undefined {
  const live = world.now.resources.filter((resource) => resource.orgId === orgId)
  const known = [...world.resources].filter(([, account]) => account.orgId === orgId)
  return (random.chance(0.95) && random.pickAny(live)?.id) || random.pickAny(known)?.[0]
}

/** Same key for the same rights, in any order. */
export function keyOf(rights: readonly Right[]): string {
  return rights
    .map(({ resourceId, role }) => `${resourceId} ${role}`)
    .toSorted()
    .join(', ')
}
