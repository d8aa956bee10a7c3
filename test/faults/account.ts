import { isDeepStrictEqual } from 'node:util'
import { sql } from 'drizzle-orm'
import type { Test } from 'tap'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { unlockAbandonedJobs } from '../../src/jobs/queries.ts'
import { until } from '../jobs/scene.ts'
import { PATIENT } from '../support/postgres.ts'
import type { Smtp } from '../support/smtp.ts'
import { ask, type Deed, type Load, type Place } from './load.ts'

/** Checks what became of everything acknowledged, once the load has ended and everything runs again. */
export async function settleAccounts(t: Test, load: Load, place: Place, databaseUrl: string, smtp: Smtp) {
  const db = openDatabase(databaseUrl, 2, PATIENT)
  t.teardown(() => db.close())
  const { deeds } = load
  const again = deeds.filter(({ unanswered }) => unanswered > 0)
  const done = again.filter(({ answer }) => isReplayed(answer.headers))
  t.ok(again.length > 0, 'some calls were not answered, and sent again')

  const effects = await effectsIn(db)
  const lost = deeds.filter((deed) => !effects.get(effectOf(deed))?.includes(subjectOf(deed)))
  const double = [...effects].filter(([, subjects]) => subjects.length > 1)
  t.same(lost.map(effectOf), [], 'no acknowledged write is lost')
  t.same(double, [], 'nothing took effect twice')
  t.equal(effects.size, deeds.length, 'nothing took effect that nobody was told of')

  const untrue: string[] = []
  const unlike: string[] = []
  await byFour(deeds, async (deed) => {
    if (!(await isStillTrue(place, deed))) untrue.push(effectOf(deed))
    if (!(await answersAlike(place, deed))) unlike.push(effectOf(deed))
  })
  t.same(untrue, [], 'what an answer said can be read')
  t.same(unlike, [], 'sent again, each gives its first answer, and says so')
  t.same(await effectsIn(db), effects, 'which changed nothing')

  const mails = await settleMails(t, deeds, db, smtp)
  const figure = (count: number, what: string) => t.comment(`${String(count).padStart(5)} ${what}`)
  figure(deeds.length, 'operations acknowledged')
  figure(again.length, `of them without an answer at first; repeated with their key until they had one`)
  figure(done.length, '    had taken effect, and were replayed')
  figure(again.length - done.length, '    had not, and then did')
  figure(lost.length, 'lost')
  figure(double.length, 'double')
  figure(unlike.length, `of ${deeds.length} replays of an acknowledged call with another answer`)
  figure(mails.invited, `mails to send, of them ${mails.missing} missing; ${mails.received} received`)
}

async function settleMails(t: Test, deeds: readonly Deed[], db: Database, smtp: Smtp) {
  const invited = deeds.filter(({ answer }) => answer.body.delivery === 'queued')
  await until('all mails have gone', async () => {
    await hurry(db)
    const { rows } = await db.sql.execute("select from invitations where delivery = 'queued'")
    return rows.length === 0
  })
  const idsOf = Map.groupBy(smtp.received, ({ to }) => to.join())
  const missing = invited.filter(({ answer }) => !idsOf.has(answer.body.email))
  const different = [...idsOf].filter(
    ([, mails]) => new Set(mails.map(({ mail }) => mail.messageId)).size > 1,
  )
  t.same(missing.map(effectOf), [], 'each mail came')
  t.same(
    different.map(([to]) => to),
    [],
    'each, as often as it came, with one Message-ID',
  )
  return { invited: invited.length, missing: missing.length, received: smtp.received.length }
}

/** Shortens to two seconds the minutes until a job counts as abandoned, and the pauses between two tries. */
async function hurry({ sql: db }: Database): Promise<void> {
  await db.execute(sql`update graphile_worker._private_jobs set locked_at = locked_at - interval '3 minutes'
    where locked_at < now() - interval '2 seconds'`)
  await unlockAbandonedJobs(db)
  await db.execute(sql`select graphile_worker.reschedule_jobs(array(
    select id from graphile_worker.jobs where locked_at is null and run_at > now()), run_at => now())`)
}

/** Reads from the database each deed and the ids of what it made, one for each time that it took effect. */
async function effectsIn({ sql: db }: Database): Promise<Map<string, string[]>> {
  const { rows } = await db.execute<{ effect: string; subject: string }>(
    sql`select 'create ' || name as effect, id::text as subject from orgs
      union all select 'invite ' || email || ' ' || org_id, id::text from invitations
      union all select 'join ' || user_id || ' ' || org_id, user_id from acceptances natural join members
      order by effect, subject`,
  )
  const groups = Map.groupBy(rows, ({ effect }) => effect)
  return new Map([...groups].map(([effect, made]) => [effect, made.map(({ subject }) => subject)]))
}

function effectOf({ path, answer: { body } }: Deed): string {
  if (path === '/orgs') return `create ${body.name}`
  return path.endsWith('/accept') ? `join ${body.userId} ${body.orgId}` : `invite ${body.email} ${body.orgId}`
}

function subjectOf({ answer: { body } }: Deed): string {
  return body.id ?? body.userId
}

// Fields of an answer that nothing in the load changes afterwards.
const LASTING = ['id', 'name', 'email', 'role', 'source', 'memberAccess', 'maxUses', 'createdAt', 'joinedAt']

async function isStillTrue({ url }: Place, { who, answer }: Deed): Promise<boolean> {
  const { status, body } = await ask(url, who, 'GET', answer.headers.get('location') ?? '/')
  return status === 200 && LASTING.every((field) => body[field] === answer.body[field])
}

async function answersAlike({ url }: Place, { who, path, body, key, answer }: Deed): Promise<boolean> {
  const again = await ask(url, who, 'POST', path, { body, key })
  return (
    isReplayed(again.headers) &&
    again.status === answer.status &&
    isDeepStrictEqual(again.body, answer.body) &&
    ['etag', 'location'].every((name) => again.headers.get(name) === answer.headers.get(name))
  )
}

function isReplayed(headers: Headers): boolean {
  return headers.get('idempotency-replayed') === 'true'
}

async function byFour<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values()
  const lane = async () => {
    for (const item of left) await work(item)
  }
  await Promise.all(Array.from({ length: 4 }, lane))
}
