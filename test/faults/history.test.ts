import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import t, { type Test } from 'tap'
import { until } from '../jobs/scene.ts'
import { dump } from '../support/dump.ts'
import { byForm } from '../support/form.ts'
import { startJobs } from '../support/jobs.ts'
import { type Muster, type Reply, startMuster } from '../support/muster.ts'
import { type Smtp, startSmtp } from '../support/smtp.ts'
import type { Move } from './choice.ts'
import { knockOnEveryDoor } from './doors.ts'
import { openWatch } from './invariants.ts'
import { countEvents, ledgerDisagreements } from './ledger-account.ts'
import { chooseMove } from './moves.ts'
import { type Random, randomOf } from './random.ts'
import { disagreements, newWorld, type World } from './world.ts'

// The seed repeats the calls and their order, as far as these do not depend on which call was faster.
const SEED = process.env.HISTORY_SEED ?? randomBytes(4).toString('hex')
const STEPS = Number(process.env.HISTORY_STEPS ?? byForm(1_200, 100_000))
const STEPS_AT_ONCE = 300
const CALLERS = 12
const SAMPLE = 6
const NO_LIMIT = '1000000'

t.test(`whatever everybody does, every committed state is sound (HISTORY_SEED=${SEED})`, async (t) => {
  const smtp = await startSmtp(t)
  const muster = await startMuster(t, {
    SMTP_URL: smtp.url,
    LIMIT_RESENDS_PER_MINUTE: NO_LIMIT,
    LIMIT_RESENDS_PER_DAY: NO_LIMIT,
    LIMIT_PENDING_PER_ORG: NO_LIMIT,
    LIMIT_MAILS_PER_ADDRESS_PER_DAY: NO_LIMIT,
    LIMIT_INVITATIONS_PER_TEN_MINUTES: NO_LIMIT,
    LIMIT_WRONG_CODES_PER_MINUTE: NO_LIMIT,
  })
  await startJobs(t, muster)
  const world = await newWorld(muster)
  const seen: Seen = { answers: new Map(), looks: 0, samples: 0, complaints: [] }
  const watch = await watchAlong(t, muster, world, seen)
  const look = await openWatch(t, muster.databaseUrl)

  const lanes = Array.from({ length: CALLERS }, (_, lane) => randomOf(`${SEED} ${lane}`))
  for (let step = 0; step < STEPS && seen.complaints.length === 0; ) {
    const end = Math.min(step + STEPS_AT_ONCE, STEPS)
    await Promise.all(
      lanes.map(async (random) => {
        while (step++ < end) await play(world, random, seen)
      }),
    )
    step = end
    seen.complaints.push(...(await look()).complaints, ...(await disagreements(muster, world)))
    if (seen.complaints.length > 0) break
    await letTimePass(muster)
    seen.complaints.push(...(await knockOnEveryDoor(muster, world)))
    for (const random of lanes.slice(0, SAMPLE)) await playWatched(muster, world, random, seen)
  }
  await watch.stop()

  t.same([...new Set(seen.complaints)], [], 'nothing to complain of')
  t.ok(seen.looks > STEPS / 200, 'it was looked at often')
  await until('no mail and no event is left', () => isSettled(muster))
  t.same((await ledgerDisagreements(muster)).slice(0, 20), [], 'the feed tells exactly what the tables hold')
  t.equal(await countDeadlocks(muster), 0, 'nobody waited for each other for ever')
  report(t, seen, smtp, await countEvents(muster))
})

interface Seen {
  /** Number of times that each status, and each code of a refusal, was answered. */
  readonly answers: Map<string, number>
  looks: number
  samples: number
  readonly complaints: string[]
}

/** Checks the invariants again and again while all the others work. */
async function watchAlong(t: Test, { databaseUrl }: Muster, world: World, seen: Seen) {
  const look = await openWatch(t, databaseUrl)
  let stopping = false
  const watching = (async () => {
    while (!stopping) {
      const { complaints, standing } = await look()
      seen.looks += 1
      seen.complaints.push(...complaints.map((complaint) => `meanwhile: ${complaint}`))
      world.now = standing
      await pause(40)
    }
  })()
  watching.catch(() => {})
  return {
    stop: async () => {
      stopping = true
      await watching
    },
  }
}

/** Makes one POST in ten twice, under one Idempotency-Key. */
async function play(world: World, random: Random, seen: Seen): Promise<void> {
  const move = chooseMove(world, random)
  const twice = move.method === 'post' && move.by !== world.outsider && random.chance(0.1)
  const key: Record<string, string> = twice ? { 'idempotency-key': `key ${random.below(2 ** 32)}` } : {}
  const keyed = { ...move, headers: { ...move.headers, ...key } }
  const replies = [call(world, keyed)]
  if (twice) replies.push(pause(random.below(200)).then(() => call(world, keyed)))
  const answers = await Promise.all(replies)
  for (const reply of answers) note(world, move, reply, seen)
  if (answers.filter(tookEffect).length > 1)
    seen.complaints.push(`post ${move.path} took effect twice under one key`)
}

async function call(world: World, { by, method, path, body, headers }: Move): Promise<Reply> {
  const caller = world.caller(by)
  if (method === 'get' || method === 'delete') return caller[method](path, headers)
  return caller[method](path, body, headers)
}

function note(world: World, move: Move, reply: Reply, { answers, complaints }: Seen) {
  const { by, path, method, note, isRight } = move
  const { status, body } = reply
  const answer = isReplayed(reply) ? 'replayed' : status < 300 ? String(status) : `${status} ${body.code}`
  answers.set(answer, (answers.get(answer) ?? 0) + 1)
  if (tookEffect(reply)) note?.(reply)
  if (tookEffect(reply) && isRight?.(reply) === false)
    complaints.push(`${method} ${path} answered what is not so: ${JSON.stringify(body)}`)
  // A call gets 503 where others hold a lock too long. Deadlocks get it too, and are counted at the end.
  if (status >= 500 && status !== 503) complaints.push(`${method} ${path} answered ${answer}`)
  if (by === world.outsider && status !== 404 && status !== 503)
    complaints.push(`${method} ${path} told an outsider ${answer}`)
}

function tookEffect(reply: Reply): boolean {
  return reply.status < 300 && !isReplayed(reply)
}

function isReplayed({ headers }: Reply): boolean {
  return headers.has('idempotency-replayed')
}

/** Lets some of the pending invitations lapse, as if days had passed. */
async function letTimePass({ db }: Muster): Promise<void> {
  await db.pool.query(`update invitations set expires_at = now() - interval '1 second'
    where status = 'pending' and md5(id::text) < '3'`)
}

/** Checks, while nothing else happens, that a refused call leaves every row as it was. */
async function playWatched(muster: Muster, world: World, random: Random, seen: Seen): Promise<void> {
  await until('nothing is on its way', () => isSettled(muster))
  const move = chooseMove(world, random)
  const before = await rowsOf(muster)
  const reply = await call(world, move)
  note(world, move, reply, seen)
  if (reply.status < 400) return
  seen.samples += 1
  if (!isDeepStrictEqual(await rowsOf(muster), before))
    seen.complaints.push(
      `${move.method} ${move.path} was refused (${reply.body.code}), and changed something`,
    )
}

async function rowsOf({ db }: Muster): Promise<Record<string, string>> {
  // The queue has jobs of its own, which the clock adds.
  const { 'graphile_worker._private_jobs': _, ...tables } = await dump(db)
  return tables
}

/** Says whether all mails have gone and all events have their positions. */
async function isSettled({ db }: Muster): Promise<boolean> {
  const { rowCount } = await db.pool.query(`select from invitations where delivery = 'queued'
    union all select from feed_queue limit 1`)
  return rowCount === 0
}

async function countDeadlocks({ db }: Muster): Promise<number | undefined> {
  const { rows } = await db.pool.query<{ deadlocks: number }>(
    'select deadlocks::int from pg_stat_database where datname = current_database()',
  )
  return rows[0]?.deadlocks
}

function report(
  t: Test,
  { answers, looks, samples }: Seen,
  smtp: Smtp,
  events: ReadonlyMap<string, number>,
): void {
  const total = [...answers.values()].reduce((sum, count) => sum + count, 0)
  t.comment(`      HISTORY_SEED=${SEED}`)
  t.comment(`${String(total).padStart(5)} calls by ${CALLERS} at a time`)
  for (const [answer, count] of [...answers].sort(([, a], [, b]) => b - a))
    t.comment(`${String(count).padStart(9)} ${answer}`)
  t.comment(`${String(looks).padStart(5)} states looked at meanwhile, each sound`)
  t.comment(`${String(samples).padStart(5)} refused calls of which every row was compared`)
  t.comment(`${String(smtp.received.length).padStart(5)} mails`)
  const told = [...events.values()].reduce((sum, count) => sum + count, 0)
  t.comment(
    `${String(told).padStart(5)} events, of which the ledger is made: ${[...events].flat().join(' ')}`,
  )
}
