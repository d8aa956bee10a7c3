import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import t, { type Test } from 'tap'
import { until } from '../jobs/scene.ts'
import { byForm } from '../support/form.ts'
import { cloneDatabase } from '../support/postgres.ts'
import { type Process, startProcess } from '../support/process.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { stopwatch } from '../support/stopwatch.ts'
import { ask, type Place, SECRET, startLoad } from './load.ts'
import { tellWebhook } from './webhook.ts'

const KILLS = byForm(3, 50)

t.test('a service that is killed while it delivers loses no event, and invents none', async (t) => {
  const scene = await openScene(t)
  let muster = scene.start()
  const place = { url: await muster.url }
  const receiver = await scene.endpoint(place)
  receiver.answer = { status: 204, delay: 15 }
  const load = startLoad(place, 6)
  let inTheMiddle = 0
  for (let kills = 0; kills < KILLS; kills++) {
    await receiver.arrived(receiver.received.length + 20 + 7 * (kills % 5))
    // One has just come, and is not yet answered.
    await receiver.arrived(receiver.received.length + 1)
    muster.kill('SIGKILL')
    t.equal((await muster.ended).exit, 'SIGKILL', 'it was killed')
    inTheMiddle += await scene.underWay()
    muster = scene.start()
    place.url = await muster.url
  }
  await receiver.arrived(receiver.received.length + 20)
  await load.stop()
  await scene.allDelivered()

  const { sent, events, lost } = await settle(t, scene.database, receiver)
  t.ok(inTheMiddle > 0, 'some deliveries were killed in the middle')
  t.comment(`${KILLS} × kill -9 under load: ${events} events, ${receiver.received.length} requests received,`)
  t.comment(
    `${sent.length} of them duplicates, ${inTheMiddle} deliveries killed in the middle, ${lost} events lost`,
  )
})

t.test(
  'a service that is told to stop lets short deliveries end, and leaves long ones to the next',
  async (t) => {
    const scene = await openScene(t)
    const muster = scene.start()
    const place = { url: await muster.url }
    const quick = await scene.endpoint(place)
    const slow = await scene.endpoint(place)
    quick.answer = { status: 204, delay: 1_500 }
    slow.answer = 'hang'
    for (const name of ['A', 'B']) await ask(place.url, 'alice', 'POST', '/orgs', { body: { name } })
    await Promise.all([quick.arrived(4), slow.arrived(4)])
    const clock = stopwatch()
    muster.kill('SIGTERM')
    t.equal((await muster.ended).exit, 0)
    const milliseconds = Math.round(clock())
    t.ok(milliseconds < 6_000, `it ended after ${milliseconds} ms`)
    const statuses = `select url, deliveries.status, attempts, next_attempt_at <= now() as due
    from deliveries join webhooks on webhooks.id = webhook_id where attempts > 0 or url = $1`
    const { rows } = await scene.database.query(statuses, [slow.url])
    const ended = rows.filter(({ url }) => url === quick.url)
    const cut = rows.filter(({ url }) => url === slow.url)
    t.ok(ended.length >= 4 && cut.length >= 4)
    t.match(ended, Array(ended.length).fill({ status: 'succeeded', attempts: 1 }), 'what could end has ended')
    t.same(
      cut.filter(({ status, attempts, due }) => status !== 'pending' || attempts !== 0 || !due),
      [],
      'what could not is due, and has cost no attempt',
    )

    quick.answer = 204
    slow.answer = 204
    const next = scene.start()
    place.url = await next.url
    await scene.allDelivered()
    const { sent } = await settle(t, scene.database, quick)
    t.same(sent, [], 'nothing came twice to the quick one')
    await settle(t, scene.database, slow)
  },
)

t.test('a receiver that is down does not slow the API', async (t) => {
  const scene = await openScene(t)
  const place = { url: await scene.start().url }
  const receiver = await scene.endpoint(place)
  await medianOf(place)
  const up = await medianOf(place)
  await receiver.stop()
  const refusing = await medianOf(place)
  await receiver.start()
  receiver.answer = 'hang'
  const hanging = await medianOf(place)
  t.comment(`POST /orgs, median: receiver up ${up} ms, down ${refusing} ms, hanging ${hanging} ms`)
  const { rows } = await scene.database.query('select count(*)::int as count from orgs')
  t.equal(rows[0].count, 240, 'each was answered with 201')
  await receiver.stop()
  await receiver.start()
  receiver.answer = 204
  await scene.allDelivered()
  await settle(t, scene.database, receiver)
})

async function openScene(t: Test) {
  const databaseUrl = await cloneDatabase(t)
  const database = new Client({ connectionString: databaseUrl })
  await database.connect()
  t.teardown(() => database.end())
  const env = {
    DATABASE_URL: databaseUrl,
    JWT_SECRET: SECRET,
    MUSTER_DATA_DIR: t.testdir(),
    WEBHOOK_ALLOW_PRIVATE: 'true',
    LOG_LEVEL: 'info',
  }
  const count = async (condition: string) =>
    (await database.query(`select from deliveries where status = 'pending' and ${condition}`)).rowCount ?? 0
  return {
    database,
    start: (): Process => startProcess(t, env),
    /** Opens a receiver that gets all events from the next one on. */
    endpoint: async (place: Place): Promise<Receiver> => {
      const receiver = await startReceiver(t)
      receiver.secret = await tellWebhook(place, receiver.url)
      return receiver
    },
    underWay: () => count("next_attempt_at = last_attempt_at + interval '60 seconds'"),
    /** Shortens to three seconds the lease of an attempt whose process has died, and the pauses between attempts. */
    allDelivered: () =>
      until('everything is delivered', async () => {
        await database.query(`update deliveries set next_attempt_at = now() where status = 'pending'
          and next_attempt_at > now() and last_attempt_at < now() - interval '3 seconds'`)
        const { rows } = await database.query('select from feed_queue limit 1')
        await pause(100)
        return rows.length === 0 && (await count('true')) === 0
      }),
  }
}

/** Compares what has come with what has happened since the webhook exists: all, signed, and each time the same. */
async function settle(t: Test, database: Client, { url, received, refused }: Receiver) {
  const { rows } = await database.query<{ id: string; since: boolean }>(
    `select id, position >= (select position from events join feed_places on event_id = events.id
      join webhooks on webhooks.id::text = subject_id where type = 'webhook.created' and url = $1) as since
      from events left join feed_places on event_id = id`,
    [url],
  )
  const bodies = Map.groupBy(received, ({ id }) => id)
  const ids = new Set(rows.map(({ id }) => id))
  const lost = rows.filter(({ id, since }) => since && !bodies.has(id))
  t.same(lost, [], 'no event is lost')
  t.same(
    [...bodies.keys()].filter((id) => !ids.has(id)),
    [],
    'nothing came that has not happened',
  )
  t.same(refused(), [], 'all of it is signed')
  t.same(
    [...bodies].filter(([, arrivals]) => new Set(arrivals.map(({ body }) => body)).size > 1),
    [],
    'what came again was the same',
  )
  return {
    events: rows.length,
    lost: lost.length,
    sent: [...bodies.values()].flatMap((arrivals) => arrivals.slice(1)),
  }
}

/** Median of sixty calls, one after the other. */
async function medianOf({ url }: Place): Promise<number> {
  const milliseconds: number[] = []
  for (let n = 0; n < 60; n++) {
    const begun = performance.now()
    const { status } = await ask(url, 'alice', 'POST', '/orgs', { body: { name: `Org ${n}` } })
    if (status !== 201) throw new Error(`POST /orgs answered ${status}`)
    milliseconds.push(performance.now() - begun)
  }
  return Math.round((milliseconds.sort((a, b) => a - b)[30] ?? Number.NaN) * 10) / 10
}
