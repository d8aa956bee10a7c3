import { randomBytes } from 'node:crypto'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator'
import { Client } from 'pg'
import t, { type Test } from 'tap'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { migrate } from '../../src/db/migrate.ts'
import { billingUpdated } from '../../src/domain/events/changes.ts'
import { listFeedRows } from '../../src/domain/events/queries/feed.ts'
import { recordAll } from '../../src/domain/events/record.ts'
import { relayEvents } from '../../src/jobs/feed/relay.ts'
import { purge } from '../../src/jobs/purge/purge.ts'
import { readBacklog } from '../../src/jobs/queries.ts'

const MIGRATIONS = join(import.meta.dirname, '../../migrations')
const BEFORE = '0003_declined_and_deliveries'
const ORG = '01930000-0000-7000-8000-000000000001'
const DAYS = 30

// What processes of the version before say to the database.
const OLD = {
  write: `with counter as (update orgs set last_sequence = last_sequence + 1 returning id, last_sequence)
    insert into events (id, org_id, sequence, type, actor_type, subject_type, subject_id, data, occurred_at)
    select gen_random_uuid(), id, last_sequence, 'billing.updated', 'system', 'billing', id, '{}', clock_timestamp()
    from counter`,
  place: `with waiting as (
      select id, row_number() over (order by serial) as number
      from (select id, serial from events where position is null order by serial limit 200) as unplaced),
    moved as (update feed set placed = placed + (select count(*) from waiting) returning placed)
    update events set position = moved.placed - (select count(*) from waiting) + waiting.number
    from waiting, moved where events.id = waiting.id`,
  read: 'select sequence::int from events where position > $1 order by position',
  purge: `with first as (
      select id, position, occurred_at < now() - make_interval(days => ${DAYS}) as is_old from events
      where position is not null order by position limit 1000),
    old as (select id, position from first where position < all (select position from first where not is_old)),
    noted as (update feed set purged = greatest(purged, (select max(position) from old)))
    delete from events where id in (select id from old)`,
}

t.test('what has its place keeps it, and what waits is queued, while both versions run', async (t) => {
  const { db, url } = await oldDatabase(t)
  const old = versionBefore(db)
  await old.write(5)
  await old.place()
  await old.write(2)
  await migrate(url)
  t.same(await readNew(db), [1, 2, 3, 4, 5])
  t.match(await readBacklog(db.sql), { events: { waiting: 2 } })
  t.equal(await relayEvents(db), 2)

  const now = versionNow(db)
  for (const [write, place] of [
    [old.write, old.place],
    [old.write, now.place],
    [now.write, old.place],
    [now.write, now.place],
  ] as const) {
    const before = await readNew(db)
    await write(3)
    t.same(await readNew(db), before)
    t.same(await old.read(), before)
    await place()
    t.same(
      await readNew(db),
      [1, 2, 3].reduce((seen) => [...seen, seen.length + 1], before),
    )
    t.same(await old.read(), await readNew(db), 'each reads what the other one placed')
    t.match(await readBacklog(db.sql), { events: { waiting: 0 } })
    t.equal(await relayEvents(db), 0)
  }
})

t.test('what either version purges, neither of them misses', async (t) => {
  const { db, url } = await oldDatabase(t)
  const old = versionBefore(db)
  await old.write(6)
  await old.place()
  await migrate(url)
  const age = (until: number) =>
    db.pool.query(
      `update events set occurred_at = now() - interval '${DAYS + 1} days' where sequence <= ${until}`,
    )
  await age(2)
  await db.pool.query(OLD.purge)
  t.same(await readNew(db), [3, 4, 5, 6])
  t.match(await listFeedRows(db.sql, 1, 10), { lost: true })
  t.match(await listFeedRows(db.sql, 2, 1), { lost: false, events: [{ sequence: 3 }] })
  await age(4)
  await purge(db, DAYS)
  t.same(await readNew(db), [5, 6])
  t.same(await old.read(), [5, 6])
  const { rows } = await db.pool.query('select position::int from feed_places order by position')
  t.same(
    rows.map(({ position }) => position),
    [5, 6],
    'no place is left of what either has purged',
  )
})

t.test('a new database has nothing that only the version before needs', async (t) => {
  const { url, db } = await emptyDatabase(t)
  await migrate(url)
  const { rows } = await db.pool.query(`
    select attname as name from pg_attribute where attrelid = 'events'::regclass and attname = 'position'
    union all select tgname from pg_trigger where not tgisinternal
      and tgrelid in ('events'::regclass, 'feed_places'::regclass)
    union all select proname from pg_proc where pronamespace = 'public'::regnamespace`)
  t.same(rows, [])
})

async function readNew(db: Database): Promise<(number | null)[]> {
  return (await listFeedRows(db.sql, undefined, 100)).events.map(({ sequence }) => sequence)
}

function versionBefore({ pool }: Database) {
  return {
    write: async (times: number) => {
      for (let n = 0; n < times; n++) await pool.query(OLD.write)
    },
    place: () => pool.query(OLD.place),
    read: async () => (await pool.query(OLD.read, [0])).rows.map(({ sequence }) => sequence),
  }
}

function versionNow(db: Database) {
  const change = { orgId: ORG, ...billingUpdated({ orgId: ORG }) }
  return {
    write: (times: number) => db.transaction((tx) => recordAll(tx, null, Array(times).fill(change))),
    place: () => relayEvents(db),
  }
}

/** As the version before left it, with one organisation. */
async function oldDatabase(t: Test) {
  const { url, db } = await emptyDatabase(t)
  const folder = t.testdir()
  await cp(MIGRATIONS, folder, { recursive: true })
  const file = join(folder, 'meta/_journal.json')
  const journal: { entries: { tag: string }[] } = JSON.parse(await readFile(file, 'utf8'))
  const entries = journal.entries.filter(({ tag }) => tag <= BEFORE)
  await writeFile(file, JSON.stringify({ ...journal, entries }))
  await applyMigrations(drizzle(db.pool), { migrationsFolder: folder })
  await db.pool.query(`insert into orgs (id, name) values ('${ORG}', 'Acme')`)
  return { url, db }
}

async function emptyDatabase(t: Test): Promise<{ url: string; db: Database }> {
  const server = process.env.TEST_DATABASE_URL ?? ''
  const name = `muster_test_${randomBytes(8).toString('hex')}`
  await execute(server, `create database ${name}`)
  t.teardown(() => execute(server, `drop database if exists ${name} with (force)`))
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href
  const db = openDatabase(url, 2)
  t.teardown(() => db.close())
  return { url, db }
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}
