import { type Db, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { webhookDeleted } from '../events/changes.ts'
import { record } from '../events/record.ts'
import type { IfMatch } from '../version.ts'
import { lockWebhookFor } from './lock.ts'
import { deleteWebhookRow } from './queries/webhooks.ts'

/**
 * Deletes a webhook. Muster sends it nothing more, except deliveries that are under way.
 *
 * @throws forbidden, webhook_not_found, version_mismatch.
 */
export async function deleteWebhook(
  db: Db,
  actor: Actor,
  input: { webhookId: string; ifMatch?: IfMatch },
): Promise<void> {
  await db.transaction(async (tx) => {
    const { id } = await lockWebhookFor(tx, actor, input)
    await together(deleteWebhookRow(tx, id), record(tx, actor, null, webhookDeleted(id)))
  })
}
