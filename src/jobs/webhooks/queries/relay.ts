import { eq, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { Sql, Tx } from '../../../db/client.ts'
import { feed, webhooks } from '../../../db/tables/events.ts'
import type { EventType } from '../../../domain/events/event.ts'

export async function hasUnplacedEvents(db: Sql): Promise<boolean> {
  // In the order of their index: without it, a planner that remembers many would read the table.
  const { rows } = await db.execute('select from events where position is null order by serial limit 1')
  return rows.length > 0
}

/** False while another process is placing events. */
export async function tryLockFeed(tx: Tx): Promise<boolean> {
  const rows = await tx.select({ placed: feed.placed }).from(feed).for('update', { skipLocked: true })
  return rows.length > 0
}

export interface Placed {
  readonly id: string
  readonly type: EventType
}

/**
 * Gives events that have been committed the next places in the feed, those of one organisation in the order in which
 * they were written. The caller holds the feed's lock: what is committed later gets a later place.
 */
export async function placeEvents(tx: Tx, limit: number): Promise<Placed[]> {
  const { rows } = await tx.execute<Placed & Record<string, unknown>>(sql`
    with waiting as (
      select id, row_number() over (order by serial) as number
      from (select id, serial from events where position is null order by serial limit ${limit}) as unplaced),
    moved as (update feed set placed = placed + (select count(*) from waiting) returning placed),
    placed as (
      update events set position = moved.placed - (select count(*) from waiting) + waiting.number
      from waiting, moved where events.id = waiting.id returning events.id, type, position)
    select id, type from placed order by position`)
  return rows
}

/** Nobody deletes one of them before this transaction ends. */
export async function listEnabledWebhooks(
  tx: Tx,
): Promise<{ id: string; types: readonly string[] | null }[]> {
  return tx
    .select({ id: webhooks.id, types: webhooks.types })
    .from(webhooks)
    .where(eq(webhooks.status, 'enabled'))
    .orderBy(webhooks.id)
    .for('key share')
}

/** Due at once. */
export async function insertDeliveries(
  tx: Tx,
  due: readonly { webhookId: string; eventId: string }[],
): Promise<void> {
  const rows = due.map(({ webhookId, eventId }) => ({
    id: uuidv7(),
    webhook_id: webhookId,
    event_id: eventId,
  }))
  await tx.execute(sql`
    insert into deliveries (id, webhook_id, event_id)
    select id, webhook_id, event_id
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as due (id uuid, webhook_id uuid, event_id uuid)`)
}
