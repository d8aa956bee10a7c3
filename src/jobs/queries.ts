import { type SQL, sql } from 'drizzle-orm'
import { type Sql, type Tx, theOne } from '../db/client.ts'
import { RESTORABLE_DAYS } from '../domain/orgs/org.ts'
import { DELIVERIES_KEPT_DAYS } from '../domain/webhooks/webhook.ts'

/**
 * Frees the jobs of queues that are known to have ended, and of those that died in the middle of a job: each job bounds
 * its own time well below three minutes. Graphile Worker itself would wait four hours.
 */
export async function unlockAbandonedJobs(db: Sql, ended: readonly string[] = []): Promise<void> {
  await db.execute(sql`select graphile_worker.force_unlock_workers(array(
    select locked_by from graphile_worker.jobs
    where locked_at < now() - interval '3 minutes' or locked_by = any(${sql.param([...ended])})))`)
}

/** How much of one kind waits, tries that failed included, and the seconds since the oldest that is due was so. */
export interface Waiting {
  readonly waiting: number
  /** Of these, after a try that failed. */
  readonly failing: number
  readonly oldest: number
}

/** What is still to be done after the commit: for the log, and for metrics. */
export type Backlog = Readonly<Record<'mails' | 'events' | 'deliveries', Waiting>>

/** One statement; each part reads no more than waits. */
export async function readBacklog(db: Sql): Promise<Backlog> {
  const { rows } = await db.execute<{ backlog: Backlog }>(sql`
    select json_object_agg(queue, json_build_object('waiting', waiting, 'failing', failing,
      'oldest', coalesce(greatest(0, extract(epoch from now() - since)), 0))) as backlog
    from (
      select 'mails' as queue, count(*) as waiting, count(*) filter (where attempts > 0) as failing, min(run_at) as since
      from graphile_worker.jobs where task_identifier = 'send-invitation' and attempts < max_attempts
      union all
      select 'events', (select count(*) from feed_queue), 0,
        (select occurred_at from feed_queue join events on id = event_id order by feed_queue.serial limit 1)
      union all
      select 'deliveries', count(*), count(*) filter (where attempts > 0), min(next_attempt_at)
      from deliveries join webhooks on webhooks.id = webhook_id and webhooks.status = 'enabled'
      where deliveries.status = 'pending') as queues`)
  return theOne(rows[0]).backlog
}

// A batch is what one statement deletes well within its two seconds; an org goes when nothing large is left in it.

// A minute more than can be restored, so that no restore that began in time finds half an organisation.
const beyondRestoring = sql`orgs.deleted_at < now() - make_interval(days => ${RESTORABLE_DAYS}, mins => 1)`

export async function deleteOldInvitations(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from invitations where (org_id, id) in (select invitations.org_id, invitations.id
      from orgs join invitations on invitations.org_id = orgs.id where ${beyondRestoring} limit 1000)`,
  )
}

export async function deleteOldGrants(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from grants where (org_id, user_id, resource_id) in (select grants.org_id, grants.user_id,
      grants.resource_id from orgs join grants on grants.org_id = orgs.id where ${beyondRestoring} limit 5000)`,
  )
}

export async function deleteOldMembers(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from members where (org_id, user_id) in (select members.org_id, members.user_id
      from orgs join members on members.org_id = orgs.id where ${beyondRestoring}
      and not exists (select from grants where grants.org_id = members.org_id
        and grants.user_id = members.user_id) limit 1000)`,
  )
}

/** From the leaves up: a resource goes when nothing lies in it any more. */
export async function deleteOldResources(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from resources where (org_id, id) in (select resources.org_id, resources.id
      from orgs join resources on resources.org_id = orgs.id where ${beyondRestoring}
      and not exists (select from resources as below where below.org_id = resources.org_id
        and below.parent_id = resources.id) limit 1000)`,
  )
}

export async function deleteOldOrgs(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from orgs where id in (select id from orgs where ${beyondRestoring}
      and not exists (select from invitations where invitations.org_id = orgs.id)
      and not exists (select from members where members.org_id = orgs.id)
      and not exists (select from resources where resources.org_id = orgs.id)
      limit 100 for update skip locked)`,
  )
}

export async function deleteOldIdempotencyKeys(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from idempotency_keys where id in (select id from idempotency_keys
      where created_at < now() - interval '24 hours' order by created_at limit 1000 for update skip locked)`,
  )
}

// Those of a table that are the oldest by a key are looked at, and no more: nothing else can be past its time.

export async function deleteOldDeliveries(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from deliveries where id in (
      select id from (select id, created_at from deliveries order by id limit 1000 for update skip locked) as oldest
      where created_at < now() - make_interval(days => ${DELIVERIES_KEPT_DAYS}))`,
  )
}

/**
 * And notes up to where the feed has none any more, so that a reader who comes too late is told. An old one behind one
 * that is young yet waits for that: places are given after the commit, and times before.
 */
export async function deleteOldEvents(tx: Tx, days: number): Promise<number> {
  // Whoever writes many events takes the feed's row first.
  await tx.execute(sql`select from feed for update`)
  return deleted(
    tx,
    sql`with first as (
        select place.position, event_id, coalesce(occurred_at < now() - make_interval(days => ${days}), true) as is_old
        from (select position, event_id from feed_places order by position limit 1000) as place
        left join events on id = event_id),
      old as (select position, event_id from first
        where position < all (select position from first where not is_old)),
      noted as (update feed set purged = greatest(purged, (select max(position) from old))),
      ended as (delete from events where id = any (array(select event_id from old)))
      delete from feed_places where position = any (array(select position from old))`,
  )
}

export async function deleteOldWrongCodes(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from wrong_codes where id in (select id from wrong_codes
      where tried_at < now() - interval '1 minute' limit 1000 for update skip locked)`,
  )
}

async function deleted(db: Sql, statement: SQL): Promise<number> {
  return (await db.execute(statement)).rowCount ?? 0
}
