import { type Db, theOne } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { webhookTest } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { lockWebhookFor } from './lock.ts'
import { insertDelivery, listDeliveryRows } from './queries.ts'
import { type Delivery, refuseDisabled } from './webhook.ts'

/**
 * Sends an event of the type `webhook.test` to this endpoint, whichever types it wants, and to no other. Six round
 * trips.
 *
 * @throws forbidden, webhook_not_found, webhook_disabled.
 */
export async function sendTestEvent(db: Db, actor: Actor, webhookId: string): Promise<Delivery> {
  return db.transaction(async (tx) => {
    const webhook = await lockWebhookFor(tx, actor, { webhookId })
    refuseDisabled(webhook)
    const [eventId] = await record(tx, actor, null, webhookTest(webhook.id))
    const id = await insertDelivery(tx, webhook.id, theOne(eventId))
    const [delivery] = (await listDeliveryRows(tx, webhook.id, { id, limit: 1 })) ?? []
    return theOne(delivery)
  })
}
