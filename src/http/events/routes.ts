import { Type } from '@sinclair/typebox'
import { listEvents } from '../../domain/events/audit-log.ts'
import { readFeed } from '../../domain/events/feed.ts'
import { ok } from '../answer.ts'
import type { Routes } from '../api.ts'
import { after, cursorBehind, page } from '../cursor.ts'
import * as operations from './operations.ts'

// The time of the event in milliseconds, and its number in the organisation.
const MomentKey = Type.Tuple([
  Type.Integer({ minimum: 0, maximum: Date.UTC(9999, 11, 31) }),
  Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
])
const PlaceKey = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

export const eventRoutes: Routes = (api) => {
  api.get('/orgs/:orgId/events', operations.listEvents, async (db, request) => {
    const { limit = 25, type, actor, from, to } = request.query
    const key = after(request, MomentKey)
    const events = await listEvents(db, request.actor, {
      ...request.params,
      type,
      actor,
      limit,
      from: momentOf(from),
      to: momentOf(to),
      after: key && { occurredAt: new Date(key[0]), sequence: key[1] },
    })
    return ok(page(request, events, ({ occurredAt, sequence }) => [occurredAt.getTime(), sequence]))
  })

  api.get('/events', operations.readFeed, async (db, request) => {
    const { limit = 25 } = request.query
    const { events, end } = await readFeed(db, request.actor, { after: after(request, PlaceKey), limit })
    return ok({ data: events, next: cursorBehind(request, end) })
  })
}

/** Rounds up to a whole millisecond: events have whole ones, so a time between two of them comes before the next. */
function momentOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  return new Date(Date.parse(text) + (/\.\d{3}\d*[1-9]/.test(text) ? 1 : 0))
}
