import type { Db } from '../../db/client.ts'
import { refuseUnscoped } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { type DeliveryFilter, listDeliveryRows } from './queries/deliveries.ts'
import { listWebhookRows } from './queries/webhooks.ts'
import { type Delivery, type Webhook, webhookNotFound } from './webhook.ts'

/** One statement. @throws forbidden. */
export async function listWebhooks(
  db: Db,
  actor: Actor,
  page: { after?: string | undefined; limit: number },
): Promise<Webhook[]> {
  refuseUnscoped(actor, 'muster:read')
  return listWebhookRows(db.sql, page)
}

/** One statement. @throws forbidden, webhook_not_found. */
export async function getWebhook(
  db: Db,
  actor: Actor,
  { webhookId }: { webhookId: string },
): Promise<Webhook> {
  refuseUnscoped(actor, 'muster:read')
  const [webhook] = await listWebhookRows(db.sql, { id: webhookId, limit: 1 })
  if (!webhook) throw webhookNotFound()
  return webhook
}

/** What became of the events on their way to one endpoint. One statement. @throws forbidden, webhook_not_found. */
export async function listDeliveries(
  db: Db,
  actor: Actor,
  { webhookId, ...filter }: DeliveryFilter & { webhookId: string },
): Promise<Delivery[]> {
  refuseUnscoped(actor, 'muster:read')
  const rows = await listDeliveryRows(db.sql, webhookId, filter)
  if (!rows) throw webhookNotFound()
  return rows
}
