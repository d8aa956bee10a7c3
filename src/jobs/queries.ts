import { sql } from 'drizzle-orm'
import { type Sql, theOne } from '../db/client.ts'

/**
 * Frees the jobs of queues that are known to have ended, and of those that died during a job: each job bounds its own
 * time well below three minutes. Graphile Worker itself would wait four hours.
 */
export async function unlockAbandonedJobs(db: Sql, ended: readonly string[] = []): Promise<void> {
  await db.execute(sql`select graphile_worker.force_unlock_workers(array(
    select locked_by from graphile_worker.jobs
    where locked_at < now() - interval '3 minutes' or locked_by = any(${sql.param([...ended])})))`)
}

/** Backlog of one kind, failed tries included. `oldest` is the seconds since the oldest due item became due. */
export interface Waiting {
  readonly waiting: number
  /** Items that wait after a failed try. */
  readonly failing: number
  readonly oldest: number
}

/** Work that is still to be done after the commit, for the log and for metrics. */
export type Backlog = Readonly<Record<'mails' | 'events' | 'deliveries', Waiting>>

/** Takes one statement; each part reads only what waits. */
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
