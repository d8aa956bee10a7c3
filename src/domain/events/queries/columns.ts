import { type Column, eq, getTableColumns, sql } from 'drizzle-orm'
import type { Sql } from '../../../db/client.ts'
import { events } from '../../../db/tables/events.ts'
import type { EventActor, EventType, Subject } from '../event.ts'

const { actorType, actorId, subjectType, subjectId, serial, type, ...columns } = getTableColumns(events)

/** An event as the domain knows it. */
export const EVENT = {
  ...columns,
  type: sql<EventType>`events.type`,
  actor: sql<EventActor>`json_build_object('type', events.actor_type, 'userId', events.actor_id)`,
  subject: sql<Subject>`json_build_object('type', events.subject_type, 'id', events.subject_id)`,
}

/**
 * Makes the join a loop over the page. The planner does not know how long a page is: it guesses a tenth of all events,
 * and would read all of them.
 */
export function eventOf(db: Sql, id: Column) {
  return db.select().from(events).where(eq(events.id, id)).limit(1).as('events')
}
