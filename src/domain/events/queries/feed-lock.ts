import { sql } from 'drizzle-orm'
import type { Tx } from '../../../db/client.ts'
import { preparedText } from '../../../db/statement.ts'
import { feed } from '../../../db/tables/events.ts'

// The feed is one row. Its lock comes after those of organisations, people and webhooks.

/**
 * Locks the feed for a transaction that rewrites or deletes many events. The relay, the purge and an erasure write the
 * same rows; they take turns, so that none of them waits for another for ever.
 */
export async function lockFeed(tx: Tx): Promise<void> {
  await tx.execute(sql`select from feed for update`)
}

/** Locks the feed for the relay. Returns false while another process is placing events. */
export async function tryLockFeed(tx: Tx): Promise<boolean> {
  const rows = await tx.select({ placed: feed.placed }).from(feed).for('update', { skipLocked: true })
  return rows.length > 0
}

const feedHeld = preparedText('hold_feed', sql`select from feed for share`)

/**
 * Holds the feed for a change of a webhook: the relay places no events before the transaction ends. An event without a
 * position by then gets one afterwards, and the endpoint is told of it.
 */
export async function holdFeed(tx: Tx): Promise<void> {
  await feedHeld(tx)
}
