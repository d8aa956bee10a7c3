import type { Tx } from '../../db/client.ts'
import { refuseUnscoped } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { lockWebhook } from './queries/webhooks.ts'
import { type Webhook, webhookNotFound } from './webhook.ts'

/**
 * Opens what a service does to a webhook: locks its row.
 *
 * @throws forbidden, webhook_not_found, version_mismatch.
 */
export async function lockWebhookFor(
  tx: Tx,
  actor: Actor,
  { webhookId, ifMatch }: { webhookId: string; ifMatch?: IfMatch },
): Promise<Webhook> {
  refuseUnscoped(actor, 'muster:write')
  const webhook = await lockWebhook(tx, webhookId)
  if (!webhook) throw webhookNotFound()
  refuseStale(webhook, ifMatch)
  return webhook
}
