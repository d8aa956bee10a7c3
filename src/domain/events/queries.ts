import { and, asc, desc, eq, getTableColumns, gt, gte, lt, type SQL, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { type Sql, type Tx, theOne } from '../../db/client.ts'
import { events, feed } from '../../db/tables/events.ts'
import { callerIdOf, gateOf } from '../access/queries/gate.ts'
import type { Actor, By } from '../actor.ts'
import type { Role } from '../roles.ts'
import type { Change, Event, EventActor, EventType, Subject } from './event.ts'

/** Numbered within each organisation by a counter in its row, which the caller has locked. Answers their ids. */
export async function insertEvents(
  tx: Tx,
  by: By | null,
  changes: readonly (Change & { readonly orgId: string | null })[],
): Promise<string[]> {
  const rows = changes.map(({ orgId, type, subject, data }, number) => ({
    ...{ id: uuidv7(), org_id: orgId, number, type },
    ...{ subject_type: subject.type, subject_id: subject.id, data },
  }))
  const { rowCount } = await tx.execute(sql`
    with change as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as change
        (id uuid, org_id uuid, number int, type text, subject_type text, subject_id text, data jsonb)),
    counter as (
      update orgs set last_sequence = last_sequence + counts.number
      from (select org_id, count(*) as number from change where org_id is not null group by org_id) as counts
      where orgs.id = counts.org_id returning orgs.id, last_sequence - counts.number as before)
    insert into events
      (id, org_id, sequence, type, actor_type, actor_id, subject_type, subject_id, data, occurred_at)
    select change.id, change.org_id,
      counter.before + row_number() over (partition by change.org_id order by change.number),
      change.type, ${by?.type ?? 'system'}, ${by?.id ?? null}::text, change.subject_type, change.subject_id,
      change.data, clock_timestamp()
    from change left join counter on counter.id = change.org_id
    where change.org_id is null or counter.id is not null
    order by change.number`)
  if (rowCount !== rows.length) throw new Error('events were recorded of an organisation that is not there')
  return rows.map(({ id }) => id)
}

const { actorType, actorId, subjectType, subjectId, position, serial, type, ...columns } =
  getTableColumns(events)

const EVENT = {
  ...columns,
  type: sql<EventType>`events.type`,
  actor: sql<EventActor>`json_build_object('type', events.actor_type, 'userId', events.actor_id)`,
  subject: sql<Subject>`json_build_object('type', events.subject_type, 'id', events.subject_id)`,
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

/** The newest first; one row more than `limit` when there is more. Undefined behind a closed gate. */
export async function listEventRows(
  db: Sql,
  actor: Actor,
  orgId: string,
  filter: EventFilter,
): Promise<{ callerRole: Role | null; rows: Event[] } | undefined> {
  const gate = gateOf(db, callerIdOf(actor), orgId)
  const page = db
    .select({ id: events.id })
    .from(events)
    .where(and(eq(events.orgId, orgId), ...conditions(filter)))
    .orderBy(desc(events.occurredAt), desc(events.sequence))
    .limit(filter.limit + 1)
    .as('page')
  const rows = await db
    .select({ callerRole: gate.callerRole, event: EVENT, id: page.id })
    .from(gate)
    .leftJoin(page, sql`true`)
    .leftJoin(events, eq(events.id, page.id))
    .orderBy(desc(events.occurredAt), desc(events.sequence))
  const [first] = rows
  if (!first) return undefined
  return {
    callerRole: first.callerRole,
    rows: rows.filter(({ id }) => id !== null).map(({ event }) => event as Event),
  }
}

function conditions({ type, actor, from, to, after }: EventFilter): (SQL | undefined)[] {
  return [
    type && eq(events.type, type),
    actor === undefined ? undefined : eq(events.actorId, actor),
    from && gte(events.occurredAt, from),
    to && lt(events.occurredAt, to),
    after &&
      sql`(occurred_at, sequence) < (${after.occurredAt.toISOString()}::timestamptz, ${after.sequence}::bigint)`,
  ]
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

/** In the order of their places, from the one behind `after` on; without one, from the oldest that is kept. */
export async function listFeedRows(db: Sql, after: number | undefined, limit: number): Promise<FeedPage> {
  const page = db
    .select({ id: events.id, position: sql<number>`position`.mapWith(Number).as('place') })
    .from(events)
    .where(gt(position, after ?? 0))
    .orderBy(asc(position))
    .limit(limit)
    .as('page')
  const rows = await db
    .select({ purged: feed.purged, placed: feed.placed, event: EVENT, position: page.position })
    .from(feed)
    .leftJoin(page, sql`true`)
    .leftJoin(events, eq(events.id, page.id))
    .orderBy(page.position)
  const { purged, placed } = theOne(rows[0])
  return {
    lost: after !== undefined && (after < purged || after > placed),
    events: rows.flatMap(({ event, position }) => (position === null ? [] : (event as Event))),
    end: rows.at(-1)?.position ?? after ?? purged,
  }
}
