import type { Client } from 'pg'
import { claims, now, token } from '../support/keys.ts'

/**
 * The people and things of the bench, by number, so that every contender has the same and every request can be written
 * beforehand. Person `p7` is Admin of organisation 7 and a Member of the four after it. `m0`, `m1` and so on are the
 * members of the large organisation, which comes after all others.
 */
export interface Size {
  /** Number of organisations; each has five members. */
  readonly orgs: number
  /** Number of first organisations with a tree: a hundred resources at depth 3, and a Member with a role on the root. */
  readonly trees: number
  /** Number of members of the large organisation. */
  readonly large: number
  /** Number of organisations that `busy` is in; zero: there is no `busy`. */
  readonly busy: number
}

export const USUAL: Size = { orgs: 2_000, trees: 500, large: 10_000, busy: 0 }
export const EACH_IS_IN = 5
export const LEAVES = 100
const MIDDLE = 2

export const orgId = (number: number) => idOf(1, number)
export const leafId = (org: number, leaf: number) => idOf(2, org * 1_000 + 1 + MIDDLE + leaf)
export const invitationId = (number: number) => idOf(3, number)
export const addressOf = (user: string) => `${user}@example.com`
/** Twenty-four characters of the alphabet of codes. */
export const codeOf = (invitation: number) => String(invitation).padStart(24, '0')

export function secondsFromNow(seconds: number): number {
  return now() + seconds
}

const signed = new Map<string, string>()

/** Signs a token for some hours, once for each user. */
export function tokenOf(user: string, secret: string): string {
  const known = signed.get(user)
  if (known) return known
  const who = { sub: user, email: addressOf(user), email_verified: true, name: `Somebody ${user}` }
  const made = token(secret, { alg: 'HS256', typ: 'JWT' }, claims({ ...who, exp: secondsFromNow(14_400) }))
  signed.set(user, made)
  return made
}

/** Plants the rows, in tables with Muster's names and columns. Skips the checks of foreign keys: the rows fit. */
export async function plantWorld(client: Client, { orgs, trees, large, busy }: Size): Promise<void> {
  const statements = [
    'set session_replication_role = replica',
    `insert into orgs (id, name) select ${idIn(1, 'n')}, 'Org ' || n from generate_series(0, ${orgs}) as n`,
    usersCalled('p', orgs),
    `insert into members (org_id, user_id, role, source, joined_at)
      select ${idIn(1, `(n + step) % ${orgs}`)}, 'p' || n, case step when 0 then 'admin' else 'member' end,
        'provisioned', now() - make_interval(secs => ${EACH_IS_IN} - step)
      from generate_series(0, ${orgs} - 1) as n, generate_series(0, ${EACH_IS_IN} - 1) as step`,
    usersCalled('m', large),
    `insert into members (org_id, user_id, role, source, joined_at)
      select ${idIn(1, String(orgs))}, 'm' || n, case n when 0 then 'admin' else 'member' end, 'provisioned',
        now() - make_interval(secs => ${large} - n)
      from generate_series(0, ${large} - 1) as n`,
    `insert into users (id, email, email_verified, name)
      select 'busy', 'busy@example.com', true, 'Busy' where ${busy} > 0`,
    `insert into members (org_id, user_id, role, source, joined_at)
      select ${idIn(1, 'n')}, 'busy', 'member', 'provisioned', now() - make_interval(secs => ${orgs} - n)
      from generate_series(0, ${busy} - 1) as n`,
    resources(trees, '0', 'null', '', "'workspace'"),
    resources(trees, `generate_series(1, ${MIDDLE})`, 'org * 1000', path('org * 1000'), "'project'"),
    resources(
      trees,
      `generate_series(${MIDDLE + 1}, ${MIDDLE + LEAVES})`,
      `org * 1000 + 1 + k % ${MIDDLE}`,
      path('org * 1000', `org * 1000 + 1 + k % ${MIDDLE}`),
      "'domain'",
    ),
    `insert into grants (org_id, user_id, resource_id, role, granted_by_type, granted_by_id)
      select ${idIn(1, 'n')}, 'p' || (n + ${orgs} - 1) % ${orgs}, ${idIn(2, 'n * 1000')}, 'member', 'service', 'planter'
      from generate_series(0, ${trees} - 1) as n`,
    'set session_replication_role = origin',
  ]
  for (const statement of statements) await client.query(statement)
  await client.query('vacuum analyze')
}

/** The same id in SQL, of an expression. It sorts like a UUIDv7. */
export function idIn(kind: 1 | 2 | 3, expression: string): string {
  return `('01900000-000${kind}-7000-8000-' || lpad(to_hex((${expression})::bigint), 12, '0'))::uuid`
}

function idOf(kind: 1 | 2 | 3, number: number): string {
  return `01900000-000${kind}-7000-8000-${number.toString(16).padStart(12, '0')}`
}

function usersCalled(letter: string, count: number): string {
  return `insert into users (id, email, email_verified, name)
    select '${letter}' || n, '${letter}' || n || '@example.com', true, 'Somebody ${letter}' || n
    from generate_series(0, ${count} - 1) as n`
}

function resources(trees: number, levels: string, parent: string, above: string, type: string): string {
  return `insert into resources (org_id, id, parent_id, path, type, name)
    select ${idIn(1, 'org')}, ${idIn(2, 'org * 1000 + k')}, ${parent === 'null' ? 'null' : idIn(2, parent)},
      array[${above}${idIn(2, 'org * 1000 + k')}], ${type}, 'Resource ' || k
    from generate_series(0, ${trees} - 1) as org, ${levels.startsWith('generate') ? levels : `(values (${levels}))`} as level (k)`
}

function path(...above: string[]): string {
  return above.map((one) => `${idIn(2, one)}, `).join('')
}
