import { and, desc, eq, getTableColumns, gt, isNull, lt, sql } from 'drizzle-orm'
import { type Sql, type Tx, theOne } from '../../db/client.ts'
import { violatedConstraint } from '../../db/errors.ts'
import { deliveries, events, webhookSecrets, webhooks } from '../../db/tables/events.ts'
import type { EventType } from '../events/event.ts'
import {
  type Delivery,
  type DeliveryStatus,
  deliveryNotFound,
  OVERLAP_HOURS,
  type Webhook,
} from './webhook.ts'

const { failedAt: _failedAt, ...columns } = getTableColumns(webhooks)
const WEBHOOK = { ...columns, types: sql<EventType[] | null>`types` }

/** Whoever adds one waits for who does so at the same time, so that both cannot be the last one allowed. */
export async function countWebhooks(tx: Tx): Promise<number> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('webhooks', 0))`)
  const [row] = await tx.select({ count: sql<number>`count(*)::int` }).from(webhooks)
  return theOne(row).count
}

/**
 * Nobody gives places in the feed before the transaction ends: what has none by then gets one afterwards, and the
 * endpoint is told of it. After the webhook's own lock, where there is one.
 */
export async function holdFeed(tx: Tx): Promise<void> {
  await tx.execute(sql`select from feed for share`)
}

export async function insertWebhook(
  tx: Tx,
  webhook: Pick<Webhook, 'url' | 'types' | 'description'>,
): Promise<Webhook> {
  const [inserted] = await tx.insert(webhooks).values(webhook).returning(WEBHOOK)
  return theOne(inserted)
}

export async function lockWebhook(tx: Tx, id: string): Promise<Webhook | undefined> {
  const [webhook] = await tx.select(WEBHOOK).from(webhooks).where(eq(webhooks.id, id)).for('no key update')
  return webhook
}

export type WebhookChange = Partial<Pick<Webhook, 'url' | 'types' | 'description' | 'status'>>

/** Who enables it, or sends it elsewhere, begins anew with it. */
export async function updateWebhookRow(tx: Tx, id: string, change: WebhookChange): Promise<Webhook> {
  const { status, url } = change
  const [updated] = await tx
    .update(webhooks)
    .set({
      ...change,
      ...(status && { disabledReason: status === 'disabled' ? 'requested' : null }),
      ...((status === 'enabled' || url) && { failingSince: null }),
      version: sql`${webhooks.version} + 1`,
      updatedAt: sql`now()`,
    })
    .where(eq(webhooks.id, id))
    .returning(WEBHOOK)
  return theOne(updated)
}

/** Its secrets go with it. Its deliveries, of which there may be millions, are nobody's from now on, and go by their age. */
export async function deleteWebhookRow(tx: Tx, id: string): Promise<void> {
  await tx.delete(webhooks).where(eq(webhooks.id, id))
}

export async function insertSecret(tx: Tx, webhookId: string, sealed: Buffer): Promise<void> {
  await tx.insert(webhookSecrets).values({ webhookId, sealed })
}

/** Each signs, and headers have an end. */
const MOST_SECRETS = 5

/**
 * The current one goes on signing for OVERLAP_HOURS; those whose time is over are deleted, and the oldest where there
 * would be more than MOST_SECRETS with the new one.
 */
export async function retireSecrets(tx: Tx, webhookId: string): Promise<void> {
  await tx.delete(webhookSecrets).where(
    sql`webhook_id = ${webhookId} and (expires_at < now() or id not in (
      select id from webhook_secrets where webhook_id = ${webhookId} order by id desc limit ${MOST_SECRETS - 1}))`,
  )
  await tx
    .update(webhookSecrets)
    .set({ expiresAt: sql`now() + make_interval(hours => ${OVERLAP_HOURS})` })
    .where(and(eq(webhookSecrets.webhookId, webhookId), isNull(webhookSecrets.expiresAt)))
}

/** In the order they were made; one row more than `limit` when there is more. */
export async function listWebhookRows(
  db: Sql,
  { id, after, limit }: { id?: string | undefined; after?: string | undefined; limit: number },
): Promise<Webhook[]> {
  return db
    .select(WEBHOOK)
    .from(webhooks)
    .where(and(id ? eq(webhooks.id, id) : undefined, after ? gt(webhooks.id, after) : undefined))
    .orderBy(webhooks.id)
    .limit(limit + 1)
}

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

/** The newest first; one row more than `limit` when there is more. Undefined where there is no such webhook. */
export async function listDeliveryRows(
  db: Sql,
  webhookId: string,
  { id, status, after, limit }: DeliveryFilter,
): Promise<Delivery[] | undefined> {
  const page = db
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(
      and(
        eq(deliveries.webhookId, webhookId),
        id ? eq(deliveries.id, id) : undefined,
        status ? eq(deliveries.status, status) : undefined,
        after ? lt(deliveries.id, after) : undefined,
      ),
    )
    .orderBy(desc(deliveries.id))
    .limit(limit + 1)
    .as('page')
  const rows = await db
    .select({ webhook: webhooks.id, id: page.id, delivery: DELIVERY })
    .from(webhooks)
    .leftJoin(page, sql`true`)
    .leftJoin(deliveries, eq(deliveries.id, page.id))
    .leftJoin(events, eq(events.id, deliveries.eventId))
    .where(eq(webhooks.id, webhookId))
    .orderBy(desc(page.id))
  if (rows.length === 0) return undefined
  return rows.flatMap(({ id, delivery }) => (id === null ? [] : (delivery as Delivery)))
}

/** Due at once. @throws delivery_not_found when the event has just been deleted by its age. */
export async function insertDelivery(tx: Tx, webhookId: string, eventId: string): Promise<string> {
  const [inserted] = await tx
    .insert(deliveries)
    .values({ webhookId, eventId })
    .returning({ id: deliveries.id })
    .catch((error) => {
      throw violatedConstraint(error) === 'deliveries_event_id_events_id_fk' ? deliveryNotFound() : error
    })
  return theOne(inserted).id
}
