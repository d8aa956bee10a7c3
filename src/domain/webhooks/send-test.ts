import { type Db, theOne, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { webhookTest } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { lockWebhookFor } from './lock.ts'
import { insertDelivery, listDeliveryRows, newDeliveryId } from './queries/deliveries.ts'
import { type Delivery, refuseDisabled } from './webhook.ts'

/**
 * Sends an event of the type `webhook.test` to this endpoint only, whichever types it wants.
 *
 * @throws forbidden, webhook_not_found, webhook_disabled.
 */
export async function sendTestEvent(db: Db, actor: Actor, input: { webhookId: string }): Promise<Delivery> {
  return db.transaction(async (tx) => {
    const webhook = await lockWebhookFor(tx, actor, input)
    refuseDisabled(webhook)
    const [eventId] = await record(tx, actor, null, webhookTest(webhook.id))
    const id = newDeliveryId()
    const [, [delivery] = []] = await together(
      insertDelivery(tx, { id, webhookId: webhook.id, eventId: theOne(eventId) }),
      listDeliveryRows(tx, webhook.id, { id, limit: 1 }),
    )
    return theOne(delivery)
  })
}
