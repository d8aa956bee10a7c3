import type { Db } from '../../db/client.ts'
import { refuseReader } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import type { Event } from './event.ts'
import { type EventFilter, listEventRows } from './queries/audit-log.ts'

/** Lists the audit log: who did what in the organisation. Runs one statement. @throws org_not_found, forbidden. */
export async function listEvents(
  db: Db,
  actor: Actor,
  { orgId, ...filter }: EventFilter & { orgId: string },
): Promise<Event[]> {
  const page = await listEventRows(db.sql, actor, orgId, filter)
  refuseReader(actor, page, 'events:read')
  return page?.rows ?? []
}
