import { and, asc, type Column, desc, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { type Sql, type Tx, theOne } from '../../db/client.ts'
import { bulkText, prepared, preparedForGiven, preparedText } from '../../db/statement.ts'
import { events, feed, feedPlaces } from '../../db/tables/events.ts'
import { callerIdOf, gateOf } from '../access/queries/gate.ts'
import type { Actor, By } from '../actor.ts'
import type { Role } from '../roles.ts'
import type { Change, Event, EventActor, EventType, Subject } from './event.ts'

const orgIds = sql`${sql.placeholder('orgIds')}::uuid[]`

// Arrays, and the organisations by their ids: the planner takes JSON for a hundred rows, and would read all of `orgs`.
const inserting = sql`with counted as (
      update orgs set last_sequence = last_sequence
        + (${sql.placeholder('counts')}::int[])[array_position(${orgIds}, id)]
      where id = any (${orgIds}) returning id, last_sequence),
    written as (
      insert into events
        (id, org_id, sequence, type, actor_type, actor_id, subject_type, subject_id, data, occurred_at)
      select change.id, org_id, last_sequence - later, type,
        ${sql.placeholder('actorType')}::text, ${sql.placeholder('actorId')}::text,
        subject_type, subject_id, data, clock_timestamp()
      from unnest(${sql.placeholder('ids')}::uuid[], ${sql.placeholder('orgs')}::uuid[],
          ${sql.placeholder('later')}::int[], ${sql.placeholder('types')}::text[],
          ${sql.placeholder('subjectTypes')}::text[], ${sql.placeholder('subjectIds')}::text[],
          ${sql.placeholder('data')}::jsonb[])
        with ordinality as change (id, org_id, later, type, subject_type, subject_id, data, place)
      left join counted on counted.id = org_id
      order by place
      returning serial, id, type)
    insert into feed_queue (serial, event_id, type) select serial, id, type from written`

const insert = { few: preparedText('insert_events', inserting), many: bulkText(inserting) }

// What one call records, unless it is about many people.
const FEW = 20

/**
 * Numbered within each organisation by a counter in its row, which the caller has locked; and queued for their places in
 * the feed. Answers their ids. Nobody need wait for the answer: where an organisation is not there, the statement fails.
 */
export async function insertEvents(
  tx: Tx,
  by: By | null,
  changes: readonly (Change & { readonly orgId: string | null })[],
): Promise<string[]> {
  const ids = changes.map(() => uuidv7())
  const { counts, later } = countByOrg(changes)
  await (changes.length > FEW ? insert.many : insert.few)(tx, {
    orgIds: [...counts.keys()],
    counts: [...counts.values()],
    actorType: by?.type ?? 'system',
    actorId: by?.id ?? null,
    ids,
    orgs: changes.map(({ orgId }) => orgId),
    later,
    types: changes.map(({ type }) => type),
    subjectTypes: changes.map(({ subject }) => subject.type),
    subjectIds: changes.map(({ subject }) => subject.id),
    data: changes.map(({ data }) => JSON.stringify(data)),
  })
  return ids
}

/** Of each organisation how many there are, and of each change how many of its organisation come after it. */
function countByOrg(changes: readonly { readonly orgId: string | null }[]) {
  const counts = new Map<string, number>()
  const later = changes.toReversed().map(({ orgId }) => {
    if (orgId === null) return null
    const after = counts.get(orgId) ?? 0
    counts.set(orgId, after + 1)
    return after
  })
  return { counts, later: later.toReversed() }
}

const { actorType, actorId, subjectType, subjectId, serial, type, ...columns } = getTableColumns(events)

const EVENT = {
  ...columns,
  type: sql<EventType>`events.type`,
  actor: sql<EventActor>`json_build_object('type', events.actor_type, 'userId', events.actor_id)`,
  subject: sql<Subject>`json_build_object('type', events.subject_type, 'id', events.subject_id)`,
}

/** A loop over the page: the planner does not know how long that is, and for a tenth of all events would read all. */
function eventOf(db: Sql, id: Column) {
  return db.select().from(events).where(eq(events.id, id)).limit(1).as('events')
}

export interface EventFilter {
  readonly type?: EventType | undefined
  readonly actor?: string | undefined
  /** From then on, the moment itself included. */
  readonly from?: Date | undefined
  /** Until then, the moment itself not included. */
  readonly to?: Date | undefined
  readonly after?: { readonly occurredAt: Date; readonly sequence: number } | undefined
  readonly limit: number
}

type Given = Omit<EventFilter, 'after' | 'from' | 'to'> & {
  readonly orgId: string
  readonly callerId: string | null
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly afterOccurredAt?: string | undefined
  readonly afterSequence?: number | undefined
}

type PageRow = { readonly callerRole: Role | null; readonly event: unknown; readonly id: string | null }

const eventPage = preparedForGiven<Given, PageRow[]>('events', (db, given) => {
  const gate = gateOf(db, sql.placeholder('callerId'), sql.placeholder('orgId'))
  const page = db
    .select({ id: events.id })
    .from(events)
    .where(and(eq(events.orgId, sql.placeholder('orgId')), ...conditions(given)))
    .orderBy(desc(events.occurredAt), desc(events.sequence))
    .limit(sql.placeholder('limit'))
    .as('page')
  return db
    .select({ callerRole: gate.callerRole, event: EVENT, id: page.id })
    .from(gate)
    .leftJoin(page, sql`true`)
    .leftJoinLateral(eventOf(db, page.id), sql`true`)
    .orderBy(desc(events.occurredAt), desc(events.sequence))
})

function conditions(given: ReadonlySet<keyof Given>): (SQL | undefined)[] {
  const when = (name: keyof Given, condition: SQL) => (given.has(name) ? condition : undefined)
  return [
    when('type', sql`type = ${sql.placeholder('type')}`),
    when('actor', sql`actor_id = ${sql.placeholder('actor')}`),
    when('from', sql`occurred_at >= ${sql.placeholder('from')}::timestamptz`),
    when('to', sql`occurred_at < ${sql.placeholder('to')}::timestamptz`),
    when(
      'afterSequence',
      sql`(occurred_at, sequence) <
        (${sql.placeholder('afterOccurredAt')}::timestamptz, ${sql.placeholder('afterSequence')}::bigint)`,
    ),
  ]
}

/** The newest first; one row more than `limit` when there is more. Undefined behind a closed gate. */
export async function listEventRows(
  db: Sql,
  actor: Actor,
  orgId: string,
  { after, from, to, limit, ...filter }: EventFilter,
): Promise<{ callerRole: Role | null; rows: Event[] } | undefined> {
  const rows = await eventPage(db, {
    ...filter,
    orgId,
    callerId: callerIdOf(actor),
    from: from?.toISOString(),
    to: to?.toISOString(),
    afterOccurredAt: after?.occurredAt.toISOString(),
    afterSequence: after?.sequence,
    limit: limit + 1,
  })
  const [first] = rows
  if (!first) return undefined
  return {
    callerRole: first.callerRole,
    rows: rows.filter(({ id }) => id !== null).map(({ event }) => event as Event),
  }
}

export interface FeedPage {
  /**
   * True when what comes after the place asked for is not known any more: events have been purged by their age, or
   * the place is of a database that was restored to an earlier moment.
   */
  readonly lost: boolean
  readonly events: Event[]
  /** The place to go on from: of the last event, else the one asked for; without one, up to where all were purged. */
  readonly end: number
}

// Behind what was purged, too: a process of before there were `feed_places` deletes events and leaves their places.
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

/** In the order of their places, from the one behind `after` on; without one, from the oldest that is kept. */
export async function listFeedRows(db: Sql, after: number | undefined, limit: number): Promise<FeedPage> {
  const rows = await feedPage(db, { after: after ?? 0, limit })
  const { purged, placed } = theOne(rows[0])
  return {
    lost: after !== undefined && (after < purged || after > placed),
    events: rows.flatMap(({ event, position }) => (position === null ? [] : (event as Event))),
    end: rows.at(-1)?.position ?? after ?? purged,
  }
}
