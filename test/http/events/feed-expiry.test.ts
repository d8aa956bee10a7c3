import t from 'tap'
import { relayEvents } from '../../../src/jobs/feed/relay.ts'
import { purge } from '../../../src/jobs/purge/purge.ts'
import { type Muster, startMuster, withOrg } from '../../support/muster.ts'

const feedOf = async (muster: Muster, cursor?: string, limit = 100) => {
  const { status, body } = await muster
    .service('muster:read')
    .get(`/events?limit=${limit}${cursor === undefined ? '' : `&cursor=${cursor}`}`)
  const data: { sequence: number }[] = body.data ?? []
  return { status, body, next: body.next, sequences: data.map(({ sequence }) => sequence) }
}

const EXPIRED = { status: 410, body: { code: 'cursor_expired' } }

/** An organisation with ten placed events, and the cursor before and behind each. */
async function withTen(t: Parameters<typeof startMuster>[0]) {
  const muster = await startMuster(t)
  const { alice, path } = await withOrg(muster)
  const change = async (times: number) => {
    for (let n = 0; n < times; n++) await alice.patch(path, { metadata: { n } })
    await relayEvents(muster.db)
  }
  const cursors: string[] = [(await feedOf(muster)).next]
  await change(8)
  for (let n = 0; n < 10; n++) cursors.push((await feedOf(muster, cursors[n], 1)).next)
  return { muster, cursors, change }
}

const age = ({ db }: Muster, until: number, days: number) =>
  db.pool.query(
    `update events set occurred_at = now() - make_interval(days => $2, mins => 1) where sequence <= $1`,
    [until, days],
  )

t.test('a cursor behind which events were purged is told so; one that missed nothing goes on', async (t) => {
  const { muster, cursors } = await withTen(t)
  await age(muster, 4, 30)
  await purge(muster.db, 31)
  for (const [n, cursor] of cursors.entries())
    t.match(
      await feedOf(muster, cursor),
      { status: 200, sequences: { length: 10 - n } },
      'nothing is that old',
    )
  await purge(muster.db, null)
  t.equal((await feedOf(muster)).sequences.length, 10, 'or it is kept for ever')

  await purge(muster.db, 30)
  for (const cursor of cursors.slice(1, 4)) t.match(await feedOf(muster, cursor), EXPIRED)
  for (const [n, cursor] of cursors.entries())
    if (n >= 4)
      t.same((await feedOf(muster, cursor)).sequences, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].slice(n), `from ${n}`)
  t.same(
    (await feedOf(muster)).sequences,
    [5, 6, 7, 8, 9, 10],
    'without one it begins at the oldest there is',
  )
  const { next } = await feedOf(muster, undefined, 1)
  t.equal(next, cursors[5])
})

t.test('a reader who was there before the first event, and comes too late for it, is told so', async (t) => {
  const { muster, cursors } = await withTen(t)
  await age(muster, 4, 30)
  await purge(muster.db, 30)
  t.match(await feedOf(muster, cursors[0]), EXPIRED)
})

t.test('where everything has been purged the feed is empty, and goes on behind that', async (t) => {
  const { muster, cursors, change } = await withTen(t)
  await age(muster, 10, 30)
  await purge(muster.db, 30)
  const begun = await feedOf(muster)
  t.same(begun.sequences, [])
  t.match(await feedOf(muster, cursors[10]), { status: 200, sequences: [], next: cursors[10] })
  t.match(await feedOf(muster, cursors[9]), EXPIRED)

  await change(2)
  for (const cursor of [undefined, begun.next, cursors[10]])
    t.same((await feedOf(muster, cursor)).sequences, [11, 12])

  await age(muster, 11, 30)
  await purge(muster.db, 30)
  t.same((await feedOf(muster)).sequences, [12])
  t.match(await feedOf(muster, cursors[10]), EXPIRED)
  t.match(await feedOf(muster, begun.next), EXPIRED, 'also for who began while it was empty')
})

t.test(
  'an old one that has its place behind a young one waits for that, so that the feed has no hole',
  async (t) => {
    const { muster } = await withTen(t)
    // Written long before they were committed.
    await muster.db.pool.query(
      "update events set occurred_at = now() - interval '31 days' where sequence in (1, 2, 5, 6, 7)",
    )
    await purge(muster.db, 30)
    const first = await feedOf(muster, undefined, 2)
    t.same(first.sequences, [3, 4])
    t.match(await feedOf(muster, first.next), { status: 200, sequences: [5, 6, 7, 8, 9, 10] })
  },
)

t.test('what has no place yet is never purged, however old, and many are purged in one go', async (t) => {
  const { muster, cursors } = await withTen(t)
  await muster.db.pool.query(`with written as (insert into events
    (id, org_id, sequence, type, actor_type, subject_type, subject_id, data, occurred_at)
    select gen_random_uuid(), org_id, sequence + n * 10, type, actor_type, subject_type, subject_id, data, occurred_at
    from events, generate_series(1, 250) as n returning serial, id, type)
    insert into feed_queue select serial, id, type from written`)
  await age(muster, 3_000, 30)
  await purge(muster.db, 30)
  const count = async () => (await muster.db.pool.query('select from events')).rowCount
  t.equal(await count(), 2_500)
  let placed = 0
  for (let now = 1; now > 0; placed += now) now = await relayEvents(muster.db)
  t.equal(placed, 2_500, 'each is placed once, a batch at a time')
  t.match(await feedOf(muster, cursors[10], 1), { status: 200, sequences: [11] })
  await purge(muster.db, 30)
  t.equal(await count(), 0)
  t.match(await feedOf(muster, cursors[10]), EXPIRED)
})
