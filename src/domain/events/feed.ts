import type { Db } from '../../db/client.ts'
import { refuseUnscoped } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { DomainError } from '../errors.ts'
import { type FeedPage, listFeedRows } from './queries/feed.ts'

/**
 * Reads the events of all organisations, in one order that never changes. An event that is committed later comes later,
 * so a reader who goes on from the last position misses nothing. Runs one statement.
 *
 * @param after a position in the feed; undefined: before all that is kept.
 * @throws forbidden; cursor_expired when events behind that position have been purged by their age, or the database was
 *   restored to a moment before it.
 */
export async function readFeed(
  db: Db,
  actor: Actor,
  { after, limit }: { after: number | undefined; limit: number },
): Promise<Omit<FeedPage, 'lost'>> {
  refuseUnscoped(actor, 'muster:read')
  const { lost, ...page } = await listFeedRows(db.sql, after, limit)
  if (lost)
    throw new DomainError(
      'cursor_expired',
      'Events after this cursor are no longer available. Start again without a cursor, from the oldest event kept.',
    )
  return page
}
