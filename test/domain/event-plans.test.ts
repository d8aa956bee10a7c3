import t, { type Test } from 'tap'
import { openDatabase } from '../../src/db/client.ts'
import { billingUpdated, webhookSecretRotated } from '../../src/domain/events/changes.ts'
import { readFeed } from '../../src/domain/events/feed.ts'
import { recordAll } from '../../src/domain/events/record.ts'
import { relayEvents } from '../../src/jobs/feed/relay.ts'
import { readBacklog } from '../../src/jobs/queries.ts'
import { openExplained, type PlanMode, tablesReadWhole } from '../support/plans.ts'
import { cloneDatabase } from '../support/postgres.ts'

const HAPPENED = 20_000
const PAGE = 50
// Rows that a node of the plan came by, at most: for each statement, and for each event in it.
const FEW = 10
const FOR_EACH = 15

const BACKEND = { type: 'service', id: 'backend', scopes: new Set(['muster:read'] as const) } as const
const MODES: readonly PlanMode[] = ['force_generic_plan', 'force_custom_plan']

for (const [known, surveyed] of [
  ['of what is there', 'afterwards'],
  ['that there is nothing', 'before'],
  ['nothing', 'never'],
] as const)
  t.test(`while the planner knows ${known}`, async (t) => {
    const databaseUrl = await cloneDatabase(t)
    await plant(t, databaseUrl, surveyed)
    for (const mode of MODES) await t.test(mode, (t) => readsIndexesOnly(t, databaseUrl, mode))
  })

async function readsIndexesOnly(t: Test, databaseUrl: string, mode: PlanMode): Promise<void> {
  const db = openExplained(t, databaseUrl, mode)
  const costs = async (what: string, events: number, work: () => Promise<unknown>) => {
    db.executions()
    await work()
    const executions = db.executions()
    t.ok(executions.length > 0)
    const most = FEW + FOR_EACH * events
    for (const execution of executions) {
      t.same(tablesReadWhole(execution).filter(isLong), [], what)
      t.ok(execution.rows <= most, `${what}: comes by ${execution.rows} rows, ${most} at most`)
    }
  }
  const change = (org: number | null) =>
    org === null
      ? { orgId: null, ...webhookSecretRotated('w') }
      : { orgId: orgId(org), ...billingUpdated({ orgId: orgId(org) }) }
  const happens = (orgs: readonly (number | null)[]) =>
    db.transaction((tx) => recordAll(tx, BACKEND, orgs.map(change)))

  await costs('one event', 1, () => happens([1]))
  await costs('some, in two organisations and in none', 4, () => happens([2, 3, null, 3]))
  // Prepared, it is not planned for a number of organisations.
  const many = Array.from({ length: 300 }, (_, n) => n + 1)
  if (mode === 'force_generic_plan') await costs('one in each of many', 300, () => happens(many))
  else await happens(many)
  await costs('how many wait', 305, () => readBacklog(db.sql))
  await costs('giving places', 200, () => relayEvents(db))
  await costs('the first page', PAGE, () => readFeed(db, BACKEND, { after: undefined, limit: PAGE }))
  await costs('a page deep down', PAGE, () => readFeed(db, BACKEND, { after: HAPPENED - 100, limit: PAGE }))
}

/** Of the others, one row, or as many as there are endpoints, or jobs that wait. */
const isLong = (table: string) => ['orgs', 'events', 'feed_places'].includes(table)

const orgId = (n: number) => `01930000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`

/** So many organisations with an event each, which has its place. */
async function plant(
  t: Test,
  databaseUrl: string,
  surveyed: 'afterwards' | 'before' | 'never',
): Promise<void> {
  const { pool, close } = openDatabase(databaseUrl, 1)
  t.teardown(close)
  if (surveyed === 'before') await pool.query('analyze')
  await pool.query(
    `insert into orgs (id, name, last_sequence)
      select ('01930000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'Org', 1 from generate_series(1, $1::int) as n`,
    [HAPPENED],
  )
  await pool.query(`with written as (
      insert into events (id, org_id, sequence, type, actor_type, subject_type, subject_id, data, occurred_at)
      select gen_random_uuid(), id, 1, 'org.created', 'system', 'organization', id::text, '{}', now() from orgs
      returning id, serial)
    insert into feed_places select row_number() over (order by serial), id from written`)
  await pool.query('update feed set placed = (select count(*) from feed_places)')
  if (surveyed === 'afterwards') await pool.query('analyze')
}
