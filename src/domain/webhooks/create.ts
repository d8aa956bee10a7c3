import { type Db, together } from '../../db/client.ts'
import { refuseUnscoped } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { webhookCreated } from '../events/changes.ts'
import type { EventType } from '../events/event.ts'
import { holdFeed } from '../events/queries/feed-lock.ts'
import { record } from '../events/record.ts'
import { refuseTarget } from './address.ts'
import { insertSecret } from './queries/secrets.ts'
import { countWebhooks, insertWebhook, newWebhookId } from './queries/webhooks.ts'
import { newSecret, sealSecret } from './secret.ts'
import { refuseManyWebhooks, type WebhookSettings, type WebhookWithSecret } from './webhook.ts'

/**
 * Registers an endpoint for all events, or those of some types, that get their position in the feed from now on. Only
 * this answer contains its secret.
 *
 * @throws forbidden, invalid_request, too_many_webhooks.
 */
export async function createWebhook(
  db: Db,
  actor: Actor,
  input: { url: string; types?: EventType[] | null; description?: string | null },
  { allowPrivate, keys, most }: WebhookSettings,
): Promise<WebhookWithSecret> {
  refuseUnscoped(actor, 'muster:write')
  const { types = null, description = null } = input
  const id = newWebhookId()
  const webhook = { id, url: refuseTarget(input.url, allowPrivate), types, description }
  const secret = newSecret()
  return db.transaction(async (tx) => {
    refuseManyWebhooks(await countWebhooks(tx), most)
    const [, created] = await together(
      holdFeed(tx),
      insertWebhook(tx, webhook),
      insertSecret(tx, id, sealSecret(keys, id, secret)),
      record(tx, actor, null, webhookCreated(id, types)),
    )
    return { ...created, secret }
  })
}
