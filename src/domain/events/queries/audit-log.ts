import { and, desc, eq, type SQL, sql } from 'drizzle-orm'
import type { Sql } from '../../../db/client.ts'
import { preparedForGiven } from '../../../db/statement.ts'
import { events } from '../../../db/tables/events.ts'
import { callerIdOf, gateOf } from '../../access/queries/gate.ts'
import type { Actor } from '../../actor.ts'
import type { Role } from '../../roles.ts'
import type { Event, EventType } from '../event.ts'
import { EVENT, eventOf } from './columns.ts'

export interface EventFilter {
  readonly type?: EventType | undefined
  readonly actor?: string | undefined
  /** The start of the period, inclusive. */
  readonly from?: Date | undefined
  /** The end of the period, exclusive. */
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

/**
 * Returns the newest first, at most `limit` + 1 rows: the extra row means that there are more. Undefined when the gate
 * is closed.
 */
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
