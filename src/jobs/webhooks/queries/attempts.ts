import { and, eq, sql } from 'drizzle-orm'
import type { Sql } from '../../../db/client.ts'
import { deliveries } from '../../../db/tables/events.ts'
import type { Event, EventType } from '../../../domain/events/event.ts'

/** An attempt that is this process's to make. */
export interface Attempt {
  readonly deliveryId: string
  readonly webhookId: string
  readonly url: string
  /** Of the webhook, as it was called. */
  readonly version: number
  /** This one included. */
  readonly attempts: number
  readonly secrets: readonly Buffer[]
  readonly event: Event
}

/** Seconds after which an attempt that nobody has ended is made again: its process has died. */
const LEASE = 60

/**
 * Takes what is due, for each endpoint no more than it has lanes free, so that none waits for another. Of two
 * processes each takes its own. By an array of ids, and a loop over events: how many there will be, the planner cannot
 * know, and would read all.
 */
export async function claimDue(
  db: Sql,
  lanes: number,
  busy: ReadonlyMap<string, number>,
): Promise<Attempt[]> {
  const { rows } = await db.execute<Claimed>(sql`
    with due as (
      select delivery.id from webhooks
      left join unnest(${sql.param([...busy.keys()])}::uuid[], ${sql.param([...busy.values()])}::int[])
        as busy (webhook_id, count) on busy.webhook_id = webhooks.id
      cross join lateral (
        select id from deliveries
        where deliveries.webhook_id = webhooks.id and status = 'pending' and next_attempt_at <= now()
        order by next_attempt_at, id
        limit greatest(0, ${lanes} - coalesce(busy.count, 0)) for update skip locked) as delivery
      where webhooks.status = 'enabled'),
    claimed as (
      update deliveries set attempts = attempts + 1, last_attempt_at = now(),
        next_attempt_at = now() + make_interval(secs => ${LEASE})
      where deliveries.id = any (array(select id from due))
      returning deliveries.id, webhook_id, event_id, attempts)
    select claimed.id as "deliveryId", webhook_id as "webhookId", webhooks.version, attempts, url,
      array(select encode(sealed, 'base64') from webhook_secrets
        where webhook_secrets.webhook_id = webhooks.id and (expires_at is null or expires_at > now())
        order by webhook_secrets.id desc) as secrets,
      events.id, events.type, org_id as "orgId", actor_type, actor_id, subject_type, subject_id, data,
      occurred_at, sequence
    from claimed
    join webhooks on webhooks.id = claimed.webhook_id
    cross join lateral (select * from events where events.id = claimed.event_id limit 1) as events
    order by claimed.id`)
  return rows.map(attemptOf)
}

interface Claimed extends Record<string, unknown> {
  readonly deliveryId: string
  readonly webhookId: string
  readonly version: number
  readonly attempts: number
  readonly url: string
  readonly secrets: string[]
  readonly id: string
  readonly type: EventType
  readonly orgId: string | null
  readonly actor_type: Event['actor']['type']
  readonly actor_id: string | null
  readonly subject_type: Event['subject']['type']
  readonly subject_id: string
  readonly data: Record<string, unknown>
  readonly occurred_at: string
  readonly sequence: string | null
}

function attemptOf({ deliveryId, webhookId, version, attempts, url, secrets, ...event }: Claimed): Attempt {
  const { id, type, orgId, actor_type, actor_id, subject_type, subject_id, data, occurred_at, sequence } =
    event
  return {
    deliveryId,
    webhookId,
    version,
    attempts,
    url,
    secrets: secrets.map((secret) => Buffer.from(secret, 'base64')),
    event: {
      id,
      type,
      orgId,
      actor: { type: actor_type, userId: actor_id },
      subject: { type: subject_type, id: subject_id },
      data,
      occurredAt: new Date(occurred_at),
      sequence: sequence === null ? null : Number(sequence),
    },
  }
}

/** What came of an attempt. */
export interface AttemptResult {
  readonly status: 'succeeded' | 'failed' | 'pending'
  readonly responseStatus: number | null
  /** Milliseconds. */
  readonly duration: number
  readonly failure: string | null
  /** Seconds until the next attempt of what is still pending. */
  readonly pause: number | null
}

/** Unless its time was over, and another process makes the attempt again. */
export async function endAttempt(db: Sql, attempt: Attempt, result: AttemptResult): Promise<void> {
  const { pause, ...ended } = result
  await db
    .update(deliveries)
    .set({ ...ended, nextAttemptAt: pause === null ? null : sql`now() + make_interval(secs => ${pause})` })
    .where(and(eq(deliveries.id, attempt.deliveryId), eq(deliveries.attempts, attempt.attempts)))
}

/** Nearly all attempts, so one round trip. Of nearly every success there is no webhook to write, and no row to lock. */
export async function endSuccess(
  db: Sql,
  { deliveryId, webhookId, attempts }: Attempt,
  { responseStatus, duration }: AttemptResult,
): Promise<void> {
  await db.execute(sql`
    with healthy as (
      update webhooks set failing_since = null where id = ${webhookId} and failing_since is not null)
    update deliveries set status = 'succeeded', response_status = ${responseStatus}, duration = ${duration},
      failure = null, next_attempt_at = null
    where id = ${deliveryId} and attempts = ${attempts}`)
}

/** Seconds after which what could not be signed is tried again. */
const UNTIL_SIGNED = 300

/** Does not count as an attempt: nothing was sent. */
export async function postponeAttempt(
  db: Sql,
  { deliveryId, attempts }: Attempt,
  { failure, duration }: Pick<AttemptResult, 'failure' | 'duration'>,
): Promise<void> {
  await db
    .update(deliveries)
    .set({
      failure,
      duration,
      responseStatus: null,
      attempts: attempts - 1,
      nextAttemptAt: sql`now() + make_interval(secs => ${UNTIL_SIGNED})`,
    })
    .where(and(eq(deliveries.id, deliveryId), eq(deliveries.attempts, attempts)))
}

/** Gives back what was cut short: whoever is next makes the attempt, now. */
export async function releaseAttempt(db: Sql, { deliveryId, attempts }: Attempt): Promise<void> {
  await db
    .update(deliveries)
    .set({ attempts: attempts - 1, nextAttemptAt: sql`now()` })
    .where(and(eq(deliveries.id, deliveryId), eq(deliveries.attempts, attempts)))
}
