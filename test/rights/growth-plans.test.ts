import { Client } from 'pg'
import t from 'tap'
import type { Database } from '../../src/db/client.ts'
import { checkAccess } from '../../src/domain/access/check.ts'
import { listOpenInvitations } from '../../src/domain/invitations/bell.ts'
import { findByKey } from '../../src/domain/invitations/queries/lists.ts'
import { listInvitations } from '../../src/domain/invitations/read.ts'
import { listMembers } from '../../src/domain/members/read.ts'
import { listOrgs } from '../../src/domain/orgs/read.ts'
import { findOverview } from '../../src/domain/users/queries/profiles.ts'
import { openExplained, type PlanMode, tablesReadWhole } from '../support/plans.ts'
import { cloneDatabase } from '../support/postgres.ts'
import { backend } from './crowd.ts'

// Most organisations have one member, and most people one or two organisations. One of each has thousands.
const ORGS = 60_000
const IN_BIG = 20_000
const OF_EVERYWHERE = 3_000
const LIMIT = 25

// Most rows that pass any node of the plan, and most pages of tables and indexes. A search looks at 2,000 members, and
// at people of one name. All open invitations of an address are looked at.
const FEW = 40
const PAGE = 25 * (LIMIT + 1)
const SEARCH = 15_000
const OVERVIEW = 1_000

const orgId = (n: number) => `01930000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
const BIG = orgId(1)
const HALF_WAY = { joinedAt: new Date(Date.UTC(2026, 0, 1) + (IN_BIG / 2) * 1000), userId: 'm' }
const personOf = (id: string) => ({ id, email: `${id}@example.com`, emailVerified: true, name: null })
const actorOf = (id: string) => ({ type: 'user' as const, ...personOf(id) })
const everywhere = 'everywhere'

type Read = (db: Database) => Promise<unknown>

const members =
  (filter: Partial<Parameters<typeof listMembers>[2]>): Read =>
  (db) =>
    listMembers(db, actorOf('m1'), { orgId: BIG, limit: LIMIT, ...filter })
const invitations =
  (filter: Partial<Parameters<typeof listInvitations>[2]>): Read =>
  (db) =>
    listInvitations(db, actorOf('m1'), { orgId: BIG, limit: LIMIT, ...filter })

const READS: readonly [name: string, read: Read, rows: number][] = [
  [
    'a check in a large organisation',
    (db) => checkAccess(db, backend, [{ orgId: BIG, userId: 'm777', permission: 'org:read' }]),
    FEW,
  ],
  [
    'a check of who is everywhere',
    (db) => checkAccess(db, backend, [{ orgId: orgId(99), userId: everywhere, permission: 'org:read' }]),
    FEW,
  ],
  ['the overview of who is in few', (db) => findOverview(db.sql, personOf('m777')), FEW],
  ['the overview of who is everywhere', (db) => findOverview(db.sql, personOf(everywhere)), OVERVIEW],
  ['my organisations, everywhere', (db) => listOrgs(db, actorOf(everywhere), { limit: LIMIT }), PAGE],
  [
    'the last of my organisations, everywhere',
    (db) => listOrgs(db, actorOf(everywhere), { limit: LIMIT, after: orgId(3 * OF_EVERYWHERE - 100) }),
    PAGE,
  ],
  ['the first members', members({}), PAGE],
  ['members half way down', members({ after: HALF_WAY }), PAGE],
  ['Admins', members({ role: 'admin' }), PAGE],
  ['Accounting half way down', members({ role: 'accounting', after: HALF_WAY }), PAGE],
  ['Members half way down', members({ role: 'member', after: HALF_WAY }), PAGE],
  ['one member', members({ userId: 'm777', limit: 1 }), FEW],
  ['a name of many', members({ q: 'an' }), SEARCH],
  ['a name of many half way down', members({ q: 'an', after: HALF_WAY }), SEARCH],
  ['an address of one', members({ q: 'm19999@' }), SEARCH],
  ['a name of nobody', members({ q: 'zzz' }), SEARCH],
  ['a name of nobody among Accounting', members({ q: 'zzz', role: 'accounting' }), SEARCH],
  [
    'the bell of who is everywhere',
    (db) => listOpenInvitations(db, actorOf(everywhere), { limit: LIMIT }),
    PAGE,
  ],
  ['a preview', (db) => findByKey(db.sql, { hash: Buffer.from('01') }, []), FEW],
  ['the newest invitations', invitations({}), PAGE],
  ['invitations of a status that few have', invitations({ status: 'declined' }), FEW],
  ['invitations that are open', invitations({ status: 'pending' }), PAGE],
  ['the invitation of an address', invitations({ email: 'i77@example.com' }), FEW],
]

const STATEMENTS = [
  `insert into users (id, email, email_verified, name)
    select 'm' || n, 'm' || n || '@example.com', true, (array['Anna', 'Ben', 'Clara', 'David', 'Eva'])[1 + n % 5] || ' ' || n
    from generate_series(1, ${ORGS}) as n
    union all select '${everywhere}', '${everywhere}@example.com', true, 'Eve'`,
  `insert into orgs (id, name)
    select ('01930000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'Org' from generate_series(1, ${ORGS}) as n`,
  `insert into members (org_id, user_id, role, source, joined_at)
    select '${BIG}'::uuid, 'm' || n, case when n % 10000 = 1 then 'admin' when n % 500 = 2 then 'accounting' else 'member' end,
      'provisioned', '2026-01-01T00:00:00Z'::timestamptz + make_interval(secs => n) from generate_series(1, ${IN_BIG}) as n
    union all select ('01930000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'm' || n, 'admin', 'created', '2026-01-01'
      from generate_series(2, ${ORGS}) as n
    union all select ('01930000-0000-7000-8000-' || lpad(to_hex(3 * n), 12, '0'))::uuid, '${everywhere}', 'member', 'invitation',
      '2026-01-01T00:00:00Z'::timestamptz + make_interval(secs => n * 7919 % ${OF_EVERYWHERE}) from generate_series(1, ${OF_EVERYWHERE}) as n`,
  `insert into invitations (org_id, id, email, role, status, expires_in_days, inviter_type, inviter_id, expires_at)
    select '${BIG}'::uuid, gen_random_uuid(), 'i' || n || '@example.com', 'member',
      case when n % 100 = 0 then 'pending' else 'accepted' end, 7, 'user', 'm1', now() + interval '7 days'
    from generate_series(1, ${IN_BIG}) as n
    union all select ('01930000-0000-7000-8000-' || lpad(to_hex(3 * n + 1), 12, '0'))::uuid, gen_random_uuid(),
      '${everywhere}@example.com', 'member', 'pending', 7, 'user', 'm1', now() + interval '7 days'
    from generate_series(1, 20) as n`,
  `insert into invitation_codes (hash, org_id, invitation_id)
    select convert_to(lpad(to_hex(row_number() over ()), 8, '0'), 'UTF8'), org_id, id from invitations`,
  'analyze',
]

const databaseUrl = await cloneDatabase(t)
await plant()

for (const mode of ['force_generic_plan', 'force_custom_plan'] satisfies PlanMode[]) {
  const db = openExplained(t, databaseUrl, mode)
  for (const [name, read, most] of READS)
    t.test(`${name}: ${mode}`, async (t) => {
      db.executions()
      await read(db)
      const executions = db.executions()
      t.equal(executions.length, 1)
      for (const execution of executions) {
        t.same(tablesReadWhole(execution).filter(isLong), [])
        t.ok(execution.rows <= most, `comes by ${execution.rows} rows, ${most} at most`)
        t.ok(execution.pages <= most, `and ${execution.pages} pages`)
      }
    })
}

/** Says whether the table is long; the others are empty. */
function isLong(table: string): boolean {
  return ['orgs', 'users', 'members', 'invitations', 'invitation_codes'].includes(table)
}

async function plant(): Promise<void> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  for (const statement of STATEMENTS) await client.query(statement)
  await client.end()
}
