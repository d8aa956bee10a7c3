import { asc, sql } from 'drizzle-orm'
import { type Sql, theOne } from '../../../db/client.ts'
import { prepared } from '../../../db/statement.ts'
import { feed, feedPlaces } from '../../../db/tables/events.ts'
import type { Event } from '../event.ts'
import { EVENT, eventOf } from './columns.ts'

export interface FeedPage {
  /**
   * True when the events after the given position are not known any more: they have been purged by their age, or the
   * database was restored to a moment before that position.
   */
  readonly lost: boolean
  readonly events: Event[]
  /**
   * The position to go on from: that of the last event, else the given one. Without one, the position up to which all
   * events were purged.
   */
  readonly end: number
}

// The condition also skips purged positions: a process from before `feed_places` deletes events and leaves their
// places.
const feedPage = prepared('feed', (db) => {
  const page = db
    .select({ eventId: feedPlaces.eventId, position: feedPlaces.position })
    .from(feedPlaces)
    .where(sql`position > greatest(${sql.placeholder('after')}::bigint, (select purged from feed))`)
    .orderBy(asc(feedPlaces.position))
    .limit(sql.placeholder('limit'))
    .as('page')
  return db
    .select({ purged: feed.purged, placed: feed.placed, event: EVENT, position: page.position })
    .from(feed)
    .leftJoin(page, sql`true`)
    .leftJoinLateral(eventOf(db, page.eventId), sql`true`)
    .orderBy(page.position)
})

/**
 * Returns events in the order of their positions, from the one behind `after`; without it, from the oldest that is
 * kept.
 */
export async function listFeedRows(db: Sql, after: number | undefined, limit: number): Promise<FeedPage> {
  const rows = await feedPage(db, { after: after ?? 0, limit })
  const { purged, placed } = theOne(rows[0])
  return {
    lost: after !== undefined && (after < purged || after > placed),
    events: rows.flatMap(({ event, position }) => (position === null ? [] : (event as Event))),
    end: rows.at(-1)?.position ?? after ?? purged,
  }
}
