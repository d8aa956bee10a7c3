import { type Db, theOne } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { lockWebhookFor } from './lock.ts'
import { insertDelivery, listDeliveryRows } from './queries.ts'
import { type Delivery, deliveryNotFound, refuseDisabled } from './webhook.ts'

/**
 * Sends the event of a delivery once more, now, as a new delivery; the receiver knows it by the same `webhook-id`.
 * Six round trips.
 *
 * @throws forbidden, webhook_not_found, delivery_not_found, webhook_disabled.
 */
export async function redeliver(
  db: Db,
  actor: Actor,
  input: { webhookId: string; deliveryId: string },
): Promise<Delivery> {
  return db.transaction(async (tx) => {
    const webhook = await lockWebhookFor(tx, actor, input)
    const [known] = (await listDeliveryRows(tx, webhook.id, { id: input.deliveryId, limit: 1 })) ?? []
    if (!known) throw deliveryNotFound()
    refuseDisabled(webhook)
    const id = await insertDelivery(tx, webhook.id, known.event.id)
    const [delivery] = (await listDeliveryRows(tx, webhook.id, { id, limit: 1 })) ?? []
    return theOne(delivery)
  })
}
