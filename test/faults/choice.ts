import type { Reply } from '../support/muster.ts'
import type { Random } from './random.ts'
import { BACKEND, type OrgAccount, type World } from './world.ts'

/** One call, and what to note of an answer by which something happened. */
export interface Move {
  readonly by: string
  readonly method: 'get' | 'put' | 'post' | 'patch' | 'delete'
  readonly path: string
  readonly body?: object
  readonly headers?: Record<string, string>
  readonly note?: (reply: Reply) => void
  /** Says whether such an answer is right. */
  readonly isRight?: (reply: Reply) => boolean
}

export type Choice = (world: World, random: Random) => Move

export function asAdmin(world: World, random: Random): { org: OrgAccount; by: string } {
  const org = random.pick(world.orgs)
  return { org, by: random.chance(0.15) ? BACKEND : adminOf(world, org.id, random) }
}

export function adminOf(world: World, orgId: string, random: Random): string {
  const admins = world.now.members.filter((member) => member.orgId === orgId && member.role === 'admin')
  return (random.chance(0.8) && random.pickAny(admins)?.userId) || random.pick(world.people)
}

/** Picks mostly a member, as of a moment ago. */
export function somebodyIn(world: World, { id }: OrgAccount, random: Random): string {
  const members = world.now.members.filter(({ orgId }) => orgId === id)
  return (random.chance(0.9) && random.pickAny(members)?.userId) || random.pick(world.people)
}

// Few Admins, so that calls often meet the last one.
export const roleIn = (random: Random) => random.pick(['admin', 'member', 'member', 'accounting'])
export const nameOf = (random: Random) => random.pick(['Acme', 'Acme', 'Acme', 'Beta'])
export const condition = (random: Random): Record<string, string> =>
  random.chance(0.1) ? { 'if-match': `"${1 + random.below(4)}"` } : {}
