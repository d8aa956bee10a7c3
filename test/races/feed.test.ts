import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type Db, openDatabase } from '../../src/db/client.ts'
import { billingUpdated, webhookSecretRotated } from '../../src/domain/events/changes.ts'
import { record } from '../../src/domain/events/record.ts'
import { lockOrg } from '../../src/domain/orgs/queries/locks.ts'
import { type Random, randomOf } from '../faults/random.ts'
import { until } from '../jobs/scene.ts'
import { byForm } from '../support/form.ts'
import { startJobs } from '../support/jobs.ts'
import { type Muster, startMuster, withOrg } from '../support/muster.ts'
import { PATIENT } from '../support/postgres.ts'

const SEED = process.env.FEED_SEED ?? String(Date.now())
const WRITES = byForm(50, 1_000)
const BY = { type: 'service', id: 'slow' } as const

t.test(
  `eight write, commit late and out of order, or roll back: who follows the cursor gets each event once (FEED_SEED=${SEED})`,
  async (t) => {
    const muster = await startMuster(t, { LIMIT_PENDING_PER_ORG: '100000' })
    const slow = openDatabase(muster.databaseUrl, 4, PATIENT)
    t.teardown(() => slow.close())
    const orgs = [await withOrg(muster), await withOrg(muster), await withOrg(muster)]
    const [shared = '', own = '', other = ''] = orgs.map(({ org }) => org.id)
    await startJobs(t, muster)
    await startJobs(t, muster)

    const ended = Promise.withResolvers<void>()
    const reading = follow(muster, ended.promise)
    const naive = followSerials(muster, ended.promise)
    const undone: string[] = []
    const random = (name: string) => randomOf(`${SEED} ${name}`)
    await Promise.all([
      callAlong(muster, shared, random('one')),
      callAlong(muster, shared, random('two')),
      callAlong(muster, own, random('three')),
      callAlong(muster, other, random('four')),
      holdOpen(slow, shared, 60, random('five'), undone),
      holdOpen(slow, own, 300, random('six'), undone),
      holdOpen(slow, other, 500, random('seven'), undone),
      holdOpen(slow, null, 500, random('eight'), undone),
    ])
    await until('all have their places', async () => {
      const { rowCount } = await muster.db.pool.query('select from feed_queue')
      return rowCount === 0
    })
    ended.resolve()
    const { pages, seen } = await reading
    await settle(t, muster, seen, undone)
    const late = await countLate(muster, pages)
    const { rows } = await muster.db.pool.query<{ serial: number }>('select serial::int from events')
    const known = await naive
    const missed = rows.filter(({ serial }) => !known.has(serial)).length
    t.ok(late > 0, 'some were committed late')
    t.ok(missed > 0, 'and by the order of writing they would be missed')
    for (const [count, what] of [
      [seen.length, 'events, each read once'],
      [pages.length, 'pages that held any'],
      [undone.length, 'rolled back, none of them read'],
      [late, 'committed after an event with a higher number had been read'],
      [missed, 'missed by who follows the numbers of writing instead'],
    ])
      t.comment(`${String(count).padStart(5)} ${what}`)
  },
)

interface Told {
  readonly id: string
  readonly orgId: string | null
  readonly sequence: number | null
}

/** Reads over HTTP like any client, with another page size each time, and once more when nothing comes any more. */
async function follow(muster: Muster, ended: Promise<void>) {
  const reader = muster.service('muster:read')
  const pages: (readonly Told[])[] = []
  const random = randomOf(`${SEED} reader`)
  let over = false
  ended.then(() => {
    over = true
  })
  for (let cursor = ''; ; ) {
    const last = over
    const { body } = await reader.get(`/events?limit=${1 + random.below(20)}${cursor && `&cursor=${cursor}`}`)
    if (body.data.length > 0) pages.push(body.data)
    else if (last) return { pages, seen: pages.flat() }
    else await pause(random.below(40))
    cursor = body.next
  }
}

/** Reads by serial, which misses events: serials are drawn in one order and committed in another. */
async function followSerials({ db }: Muster, ended: Promise<void>): Promise<ReadonlySet<number>> {
  const known = new Set<number>()
  let over = false
  ended.then(() => {
    over = true
  })
  for (let last = 0; ; ) {
    const wasOver = over
    const { rows } = await db.pool.query<{ serial: number }>(
      'select serial::int from events where serial > $1 order by serial',
      [last],
    )
    for (const { serial } of rows) known.add(serial)
    last = rows.at(-1)?.serial ?? last
    if (rows.length === 0 && wasOver) return known
    await pause(20)
  }
}

/** Writes along. A caller that gets 503, because the organisation is locked too long, goes on with the next call. */
async function callAlong(muster: Muster, orgId: string, random: Random): Promise<void> {
  const backend = muster.service('muster:write')
  for (let n = 0; n < WRITES; n++) {
    const { status } = await (random.chance(0.5)
      ? backend.patch(`/orgs/${orgId}`, { metadata: { n } })
      : backend.post(`/orgs/${orgId}/invitations`, {}))
    if (status >= 300 && status !== 503) throw new Error(`it was answered ${status}`)
    await pause(random.below(30))
  }
}

/** Runs verbs that take up to so many milliseconds between their events and their commit; one in four fails. */
async function holdOpen(
  db: Db,
  orgId: string | null,
  longest: number,
  random: Random,
  undone: string[],
): Promise<void> {
  const failure = new Error('rolled back')
  for (let n = 0; n < WRITES; n++) {
    const fails = random.chance(0.25)
    await db
      .transaction(async (tx) => {
        if (orgId !== null && !(await lockOrg(tx, orgId))) throw new Error('there is no such organisation')
        const change = orgId === null ? webhookSecretRotated('w') : billingUpdated({ orgId })
        const ids = await record(tx, BY, orgId, change)
        await pause(random.below(longest))
        if (random.chance(0.3)) ids.push(...(await record(tx, BY, orgId, change, change)))
        if (!fails) return
        undone.push(...ids)
        throw failure
      })
      .catch((error) => {
        if (error !== failure && !/lock timeout/.test(String(error?.cause?.message))) throw error
      })
  }
}

async function settle(t: Test, { db }: Muster, seen: readonly Told[], undone: readonly string[]) {
  const { rows } = await db.pool.query<{ id: string }>('select id from events')
  const ids = seen.map(({ id }) => id)
  t.same([...ids].sort(), rows.map(({ id }) => id).sort(), 'each committed event was read, and once')
  const gone = new Set(undone)
  t.same(
    ids.filter((id) => gone.has(id)),
    [],
    'nothing that was rolled back',
  )
  const { rows: orgs } = await db.pool.query<{ id: string; last: number }>(
    'select id, last_sequence::int as last from orgs',
  )
  for (const { id, last } of orgs)
    t.same(
      seen.filter(({ orgId }) => orgId === id).map(({ sequence }) => sequence),
      Array.from({ length: last }, (_, index) => index + 1),
      'of one organisation in the order of its changes, without gaps',
    )
  const places = await db.pool.query(`select from feed, (select count(*), count(distinct position) as places,
    max(position) as last from events join feed_places on event_id = id) as events
    where (count, places, last) = (placed, placed, placed)`)
  t.equal(places.rowCount, 1, 'the places of the feed have no gaps either')
}

/** Counts the events that were written before one on an earlier page. */
async function countLate({ db }: Muster, pages: readonly (readonly Told[])[]): Promise<number> {
  const { rows } = await db.pool.query<{ id: string; serial: number }>('select id, serial::int from events')
  const serials = new Map(rows.map(({ id, serial }) => [id, serial]))
  let highest = 0
  let late = 0
  for (const page of pages) {
    const numbers = page.map(({ id }) => serials.get(id) ?? 0)
    late += numbers.filter((serial) => serial < highest).length
    highest = Math.max(highest, ...numbers)
  }
  return late
}
