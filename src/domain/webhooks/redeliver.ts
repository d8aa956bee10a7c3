import { type Db, theOne, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { lockWebhookFor } from './lock.ts'
import { insertDelivery, listDeliveryRows, newDeliveryId } from './queries/deliveries.ts'
import { type Delivery, deliveryNotFound, refuseDisabled } from './webhook.ts'

/**
 * Sends the event of a delivery once more, now, as a new delivery. The receiver knows it by the same `webhook-id`.
 *
 * @throws forbidden, webhook_not_found, delivery_not_found, webhook_disabled.
 */
export async function redeliver(
  db: Db,
  actor: Actor,
  input: { webhookId: string; deliveryId: string },
): Promise<Delivery> {
  return db.transaction(async (tx) => {
    const [webhook, [known] = []] = await together(
      lockWebhookFor(tx, actor, input),
      listDeliveryRows(tx, input.webhookId, { id: input.deliveryId, limit: 1 }),
    )
    if (!known) throw deliveryNotFound()
    refuseDisabled(webhook)
    const id = newDeliveryId()
    const [, [delivery] = []] = await together(
      insertDelivery(tx, { id, webhookId: webhook.id, eventId: known.event.id }),
      listDeliveryRows(tx, webhook.id, { id, limit: 1 }),
    )
    return theOne(delivery)
  })
}
