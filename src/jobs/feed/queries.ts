import { eq, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { Sql, Tx } from '../../db/client.ts'
import { webhooks } from '../../db/tables/events.ts'
import type { EventType } from '../../domain/events/event.ts'

export async function hasUnplacedEvents(db: Sql): Promise<boolean> {
  // Follows the order of the index: after many events have been placed, the table is full of dead rows.
  const { rows } = await db.execute('select from feed_queue order by serial limit 1')
  return rows.length > 0
}

interface Placed {
  readonly id: string
  readonly type: EventType
}

/**
 * Gives committed events the next positions in the feed, those of one organisation in the order in which they were
 * written. The caller holds the feed's lock: events committed later get later positions, and no other process takes
 * from the queue.
 */
export async function placeEvents(tx: Tx, limit: number): Promise<Placed[]> {
  const { rows } = await tx.execute<Placed & Record<string, unknown>>(sql`
    with taken as (
      delete from feed_queue
      where serial = any (array(select serial from feed_queue order by serial limit ${limit}))
      returning serial, event_id, type),
    moved as (update feed set placed = placed + (select count(*) from taken) returning placed),
    placed as (
      insert into feed_places (position, event_id)
      select placed - count(*) over () + row_number() over (order by serial), event_id from taken, moved)
    select event_id as id, type from taken order by serial`)
  return rows
}

/** Locks the webhooks, so that none is deleted before this transaction ends. */
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

/** Inserts deliveries that are due at once. */
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
