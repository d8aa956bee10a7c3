import type { Db } from '../../db/client.ts'
import { refuseUnscoped } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { listWebhookRows } from './queries/webhooks.ts'
import { type Webhook, webhookNotFound } from './webhook.ts'

/** Runs one statement. @throws forbidden. */
export async function listWebhooks(
  db: Db,
  actor: Actor,
  page: { after?: string | undefined; limit: number },
): Promise<Webhook[]> {
  refuseUnscoped(actor, 'muster:read')
  return listWebhookRows(db.sql, page)
}

/** Runs one statement. @throws forbidden, webhook_not_found. */
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
