import { and, desc, eq, lt, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { Sql, Tx } from '../../../db/client.ts'
import { violatedConstraint } from '../../../db/errors.ts'
import { prepared, preparedForGiven } from '../../../db/statement.ts'
import { deliveries, events, webhooks } from '../../../db/tables/events.ts'
import { type Delivery, type DeliveryStatus, deliveryNotFound } from '../webhook.ts'

const DELIVERY = {
  id: deliveries.id,
  webhookId: deliveries.webhookId,
  event: sql<Delivery['event']>`json_build_object('id', events.id, 'type', events.type)`,
  status: deliveries.status,
  attempts: deliveries.attempts,
  responseStatus: deliveries.responseStatus,
  duration: deliveries.duration,
  failure: deliveries.failure,
  createdAt: deliveries.createdAt,
  lastAttemptAt: deliveries.lastAttemptAt,
  nextAttemptAt: deliveries.nextAttemptAt,
}

export interface DeliveryFilter {
  readonly id?: string | undefined
  readonly status?: DeliveryStatus | undefined
  readonly after?: string | undefined
  readonly limit: number
}

type Given = DeliveryFilter & { readonly webhookId: string }

interface PageRow {
  readonly id: string | null
  readonly delivery: Delivery | null
}

const deliveryPage = preparedForGiven<Given, PageRow[]>('deliveries', (db, given) => {
  const page = db
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(
      and(
        eq(deliveries.webhookId, sql.placeholder('webhookId')),
        given.has('id') ? eq(deliveries.id, sql.placeholder('id')) : undefined,
        given.has('status') ? eq(deliveries.status, sql.placeholder('status')) : undefined,
        given.has('after') ? lt(deliveries.id, sql.placeholder('after')) : undefined,
      ),
    )
    .orderBy(desc(deliveries.id))
    .limit(sql.placeholder('limit'))
    .as('page')
  return db
    .select({ webhook: webhooks.id, id: page.id, delivery: DELIVERY })
    .from(webhooks)
    .leftJoin(page, sql`true`)
    .leftJoin(deliveries, eq(deliveries.id, page.id))
    .leftJoin(events, eq(events.id, deliveries.eventId))
    .where(eq(webhooks.id, sql.placeholder('webhookId')))
    .orderBy(desc(page.id))
})

/**
 * Returns the newest first, at most `limit` + 1 rows: the extra row means that there are more. Undefined when there is
 * no such webhook.
 */
export async function listDeliveryRows(
  db: Sql,
  webhookId: string,
  filter: DeliveryFilter,
): Promise<Delivery[] | undefined> {
  const rows = await deliveryPage(db, { ...filter, webhookId, limit: filter.limit + 1 })
  if (rows.length === 0) return undefined
  return rows.flatMap(({ id, delivery }) => (id === null ? [] : (delivery as Delivery)))
}

export function newDeliveryId(): string {
  return uuidv7()
}

const deliveryInserted = prepared('insert_delivery', (db) =>
  db.insert(deliveries).values({
    id: sql.placeholder('id'),
    webhookId: sql.placeholder('webhookId'),
    eventId: sql.placeholder('eventId'),
  }),
)

/**
 * Inserts a delivery that is due at once. @throws delivery_not_found when the event has just been deleted by its age.
 */
export async function insertDelivery(
  tx: Tx,
  delivery: { id: string; webhookId: string; eventId: string },
): Promise<void> {
  await deliveryInserted(tx, delivery).catch((error) => {
    throw violatedConstraint(error) === 'deliveries_event_id_events_id_fk' ? deliveryNotFound() : error
  })
}
