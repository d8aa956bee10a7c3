import { and, eq, sql } from 'drizzle-orm'
import type { Sql } from '../../../db/client.ts'
import { deliveries } from '../../../db/tables/events.ts'
import type { Event, EventType } from '../../../domain/events/event.ts'

/** An attempt that this process has claimed. */
export interface Attempt {
  readonly deliveryId: string
  readonly webhookId: string
  readonly url: string
  /** Version of the webhook at the time of the call. */
  readonly version: number
  /** Number of attempts, this one included. */
  readonly attempts: number
  readonly secrets: readonly Buffer[]
  readonly event: Event
}

/** Seconds of the lease. An attempt that has not ended by then is made again: its process has died. */
const LEASE = 60

/**
 * Claims due deliveries, for each endpoint no more than it has free lanes, so that no endpoint waits for another. Two
 * processes never claim the same one. The planner cannot know how many rows there will be, and would read whole tables:
 * hence an array of ids, and a loop over events.
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

/** Result of an attempt. */
export interface AttemptResult {
  readonly status: 'succeeded' | 'failed' | 'pending'
  readonly responseStatus: number | null
  /** Milliseconds. */
  readonly duration: number
  readonly failure: string | null
  /** Seconds until the next attempt, while it is pending. */
  readonly pause: number | null
}

/** Records the result, unless the lease has expired and another process makes the attempt again. */
export async function endAttempt(db: Sql, attempt: Attempt, result: AttemptResult): Promise<void> {
  const { pause, ...ended } = result
  await db
    .update(deliveries)
    .set({ ...ended, nextAttemptAt: pause === null ? null : sql`now() + make_interval(secs => ${pause})` })
    .where(and(eq(deliveries.id, attempt.deliveryId), eq(deliveries.attempts, attempt.attempts)))
}

/** Takes one round trip, as nearly all attempts end here. Nearly every success leaves no webhook to write or lock. */
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

/** Seconds until an unsigned attempt is made again. */
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

/** Gives back an attempt that was cut short: the next process makes it, at once. */
export async function releaseAttempt(db: Sql, { deliveryId, attempts }: Attempt): Promise<void> {
  await db
    .update(deliveries)
    .set({ attempts: attempts - 1, nextAttemptAt: sql`now()` })
    .where(and(eq(deliveries.id, deliveryId), eq(deliveries.attempts, attempts)))
}
