import type { Db } from '../../db/client.ts'
import { refuseUnscoped } from '../access/authorize.ts'
import type { Actor } from '../actor.ts'
import { webhookCreated } from '../events/changes.ts'
import type { EventType } from '../events/event.ts'
import { record } from '../events/record.ts'
import { refuseTarget } from './address.ts'
import { countWebhooks, holdFeed, insertSecret, insertWebhook } from './queries.ts'
import { newSecret, sealSecret } from './secret.ts'
import { refuseManyWebhooks, type WebhookSettings, type WebhookWithSecret } from './webhook.ts'

/**
 * Tells an endpoint of every event that gets its place in the feed from now on, or of those of some types. Its secret is
 * in this answer alone. Eight round trips.
 *
 * @throws forbidden, invalid_request, too_many_webhooks.
 */
export async function createWebhook(
  db: Db,
  { allowPrivate, keys, most }: WebhookSettings,
  actor: Actor,
  input: { url: string; types?: EventType[] | null; description?: string | null },
): Promise<WebhookWithSecret> {
  refuseUnscoped(actor, 'muster:write')
  const { types = null, description = null } = input
  const webhook = { url: refuseTarget(input.url, allowPrivate), types, description }
  const secret = newSecret()
  return db.transaction(async (tx) => {
    refuseManyWebhooks(await countWebhooks(tx), most)
    await holdFeed(tx)
    const created = await insertWebhook(tx, webhook)
    await insertSecret(tx, created.id, sealSecret(keys, created.id, secret))
    await record(tx, actor, null, webhookCreated(created.id, created.types))
    return { ...created, secret }
  })
}
