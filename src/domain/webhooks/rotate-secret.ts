import { type Db, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { webhookSecretRotated } from '../events/changes.ts'
import { record } from '../events/record.ts'
import type { IfMatch } from '../version.ts'
import { lockWebhookFor } from './lock.ts'
import { insertSecret, retireSecrets } from './queries/secrets.ts'
import { updateWebhookRow } from './queries/webhooks.ts'
import { newSecret, sealSecret } from './secret.ts'
import type { WebhookSettings, WebhookWithSecret } from './webhook.ts'

/**
 * Makes a new secret, which only this answer contains. The previous one signs beside it for OVERLAP_HOURS, so that the
 * receiver can change over in its own time.
 *
 * @throws forbidden, webhook_not_found, version_mismatch.
 */
export async function rotateSecret(
  db: Db,
  actor: Actor,
  input: { webhookId: string; ifMatch?: IfMatch },
  { keys }: WebhookSettings,
): Promise<WebhookWithSecret> {
  const secret = newSecret()
  return db.transaction(async (tx) => {
    const { id } = await lockWebhookFor(tx, actor, input)
    const [, , updated] = await together(
      retireSecrets(tx, id),
      insertSecret(tx, id, sealSecret(keys, id, secret)),
      updateWebhookRow(tx, id, {}),
      record(tx, actor, null, webhookSecretRotated(id)),
    )
    return { ...updated, secret }
  })
}
