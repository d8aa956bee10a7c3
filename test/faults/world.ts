import { type Caller, type Muster, type Reply, withOrg } from '../support/muster.ts'
import type { Standing } from './invariants.ts'
import { keyOf } from './rights.ts'
import { treeDisagreements } from './tree-account.ts'

export interface OrgAccount {
  readonly id: string
  /** Number of times that each was acknowledged. */
  joined: number
  gone: number
  invited: number
  updated: number
  deleted: number
}

export interface ResourceAccount {
  readonly orgId: string
  /** Places where a call has ever asked to put it. */
  readonly under: Set<string>
  changed: number
  deleted: boolean
}

export interface KnownInvitation {
  readonly id: string
  readonly orgId: string
  readonly email: string | null
  /** Absent where only a mail carries it. */
  readonly code?: string
}

/** Everything that the callers have been told, and nothing else: the database has to agree with this account. */
export interface World {
  readonly people: readonly [string, ...string[]]
  /** A person whom nobody ever invites. */
  readonly outsider: string
  readonly orgs: readonly [OrgAccount, ...OrgAccount[]]
  readonly invitations: KnownInvitation[]
  /** Number of people who joined by each. */
  readonly wins: Map<string, number>
  /** Rights on resources that each invitation could have had, by its id. */
  readonly offers: Map<string, Set<string>>
  readonly resources: Map<string, ResourceAccount>
  /** Standing of a moment ago, so that Admins are among the callers who try what only an Admin may. */
  now: Standing
  caller(name: string): Caller
  /** Notes an invitation's id and its code, if the answer holds one. */
  invited(org: OrgAccount, body: Reply['body']): void
}

export const BACKEND = 'backend'

export async function newWorld(muster: Muster): Promise<World> {
  const orgs = [await found(muster), await found(muster), await found(muster)] as const
  const invitations: KnownInvitation[] = []
  const offers: World['offers'] = new Map()
  const know = ({ id, orgId, email, code }: KnownInvitation) =>
    invitations.push({ id, orgId, email, ...(code && { code }) })
  return {
    people: ['alice', ...Array.from({ length: 11 }, (_, number) => `person${number}`)],
    outsider: 'mallory',
    orgs: [...orgs],
    invitations,
    wins: new Map(),
    offers,
    resources: new Map(),
    now: { members: [], resources: [], grants: [] },
    caller: (name) => (name === BACKEND ? muster.service('muster:write') : muster.user(name)),
    invited: (org, body) => {
      org.invited += 1
      offers.set(body.id, new Set([keyOf(body.resourceRoles)]))
      know(body)
    },
  }
}

async function found(muster: Muster): Promise<OrgAccount> {
  const { org } = await withOrg(muster)
  return { id: org.id, joined: 0, gone: 0, invited: 0, updated: 0, deleted: 0 }
}

/** Expects one membership for the founder, and a version each for the founding, a deletion and a restore. */
export async function disagreements(muster: Muster, world: World): Promise<string[]> {
  const { orgs, wins } = world
  const { rows } = await muster.db.pool.query<
    Record<'members' | 'invitations' | 'version', number> & { id: string; deleted: boolean }
  >(
    `select id, version, deleted_at is not null as deleted,
       (select count(*)::int from members where org_id = orgs.id) as members,
       (select count(*)::int from invitations where org_id = orgs.id) as invitations
     from orgs where id = any($1)`,
    [orgs.map(({ id }) => id)],
  )
  const uses = await muster.db.pool.query<{ id: string; uses: number }>(
    'select id, uses from invitations where uses > 0',
  )
  const winsOf = (id: string) => wins.get(id) ?? 0
  return [
    ...orgs.flatMap((org) => {
      const row = rows.find(({ id }) => id === org.id)
      const expected = {
        members: 1 + org.joined - org.gone,
        invitations: org.invited,
        version: 1 + org.updated + 2 * org.deleted - (row?.deleted ? 1 : 0),
      }
      return Object.entries(expected)
        .filter(([what, count]) => row?.[what as keyof typeof expected] !== count)
        .map(([what, count]) => `${what}: ${row?.[what as keyof typeof expected]}, acknowledged ${count}`)
    }),
    ...uses.rows
      .filter((row) => row.uses !== winsOf(row.id))
      .map((row) => `uses of an invitation: ${row.uses}, acknowledged ${winsOf(row.id)}`),
    ...(await treeDisagreements(muster, world)),
    ...(uses.rows.length === wins.size ? [] : ['an acknowledged acceptance is not there']),
  ]
}
