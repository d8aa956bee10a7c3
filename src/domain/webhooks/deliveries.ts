import type { Db } from '../../db/client.ts'
import { refuseUnscoped } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { type DeliveryFilter, listDeliveryRows } from './queries/deliveries.ts'
import { type Delivery, webhookNotFound } from './webhook.ts'

/**
 * Lists the deliveries to one endpoint, with their outcomes. Runs one statement. @throws forbidden, webhook_not_found.
 */
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
