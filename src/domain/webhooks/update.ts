import { type Db, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { webhookUpdated } from '../events/changes.ts'
import { holdFeed } from '../events/queries/feed-lock.ts'
import { record } from '../events/record.ts'
import type { IfMatch } from '../version.ts'
import { refuseTarget } from './address.ts'
import { lockWebhookFor } from './lock.ts'
import { updateWebhookRow, type WebhookChange } from './queries/webhooks.ts'
import type { Webhook, WebhookSettings } from './webhook.ts'

/**
 * Sets the given fields. While a webhook is disabled, Muster keeps no events for it. Waiting deliveries go on when it
 * is enabled again, as long as deliveries are kept.
 *
 * @throws forbidden, webhook_not_found, version_mismatch, invalid_request.
 */
export async function updateWebhook(
  db: Db,
  actor: Actor,
  input: { webhookId: string; change: WebhookChange; ifMatch?: IfMatch },
  { allowPrivate }: WebhookSettings,
): Promise<Webhook> {
  return db.transaction(async (tx) => {
    const webhook = await lockWebhookFor(tx, actor, input)
    const { url } = input.change
    const change = { ...input.change, ...(url !== undefined && { url: refuseTarget(url, allowPrivate) }) }
    if (Object.keys(change).length === 0) return webhook
    const getsOthers = change.status === 'enabled' || change.types !== undefined
    const [, updated] = await together(
      getsOthers && holdFeed(tx),
      updateWebhookRow(tx, webhook.id, change),
      record(tx, actor, null, webhookUpdated(webhook.id, change)),
    )
    return updated
  })
}
