import type { Db } from '../../db/client.ts'
import { tryLockFeed } from '../../domain/events/queries/feed-lock.ts'
import { hasUnplacedEvents, insertDeliveries, listEnabledWebhooks, placeEvents } from './queries.ts'

// Events and deliveries at once: what one statement writes well within its two seconds.
const MOST_EVENTS = 200
const MOST_DELIVERIES = 10_000

/**
 * Gives committed events their positions in the feed and, in the same transaction, a delivery to each endpoint that
 * wants one. One process does so at a time; see docs/decisions/0009.
 *
 * @returns how many events it placed.
 */
export async function relayEvents(db: Db): Promise<number> {
  if (!(await hasUnplacedEvents(db.sql))) return 0
  return db.transaction(async (tx) => {
    if (!(await tryLockFeed(tx))) return 0
    const webhooks = await listEnabledWebhooks(tx)
    const fitting = Math.floor(MOST_DELIVERIES / Math.max(1, webhooks.length))
    const placed = await placeEvents(tx, Math.min(Math.max(1, fitting), MOST_EVENTS))
    const due = placed
      // A test event is for one endpoint, which has its delivery already.
      .filter(({ type }) => type !== 'webhook.test')
      .flatMap(({ id, type }) =>
        webhooks
          .filter(({ types }) => types === null || types.includes(type))
          .map((webhook) => ({ webhookId: webhook.id, eventId: id })),
      )
    if (due.length > 0) await insertDeliveries(tx, due)
    return placed.length
  })
}
