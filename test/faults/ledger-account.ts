import { isDeepStrictEqual } from 'node:util'
import type { Event } from '../../src/domain/events/event.ts'
import type { Muster } from '../support/muster.ts'
import { fold, type Ledger } from './ledger.ts'

/** Compares the feed, from its beginning, with the tables: it must tell exactly one event for each change. */
export async function ledgerDisagreements(muster: Muster): Promise<string[]> {
  const { ledger, complaints } = fold(await readFeed(muster))
  for (const [table, query] of Object.entries(TABLES) as [keyof Ledger, string][]) {
    const { rows } = await muster.db.pool.query<{ key: string; row: object }>(query)
    const told: ReadonlyMap<string, object> = ledger[table]
    const held = new Map(rows.map(({ key, row }) => [key, row]))
    for (const key of new Set([...told.keys(), ...held.keys()]))
      if (!isDeepStrictEqual(told.get(key), held.get(key)))
        complaints.push(
          `the feed tells of ${table} ${key} ${JSON.stringify(told.get(key))}, there is ${JSON.stringify(held.get(key))}`,
        )
  }
  return complaints
}

/** Counts the events by type. */
export async function countEvents({ db }: Muster): Promise<ReadonlyMap<string, number>> {
  const { rows } = await db.pool.query<{ type: string; count: number }>(
    'select type, count(*)::int from events group by type order by count(*) desc',
  )
  return new Map(rows.map(({ type, count }) => [type, count]))
}

async function readFeed(muster: Muster): Promise<Event[]> {
  const events: Event[] = []
  for (let cursor = ''; ; ) {
    const query = `limit=100${cursor && `&cursor=${cursor}`}`
    const { body } = await muster.service('muster:read').get(`/events?${query}`)
    if (body.data.length === 0) return events
    events.push(...body.data)
    cursor = body.next
  }
}

// A lapsed invitation is pending to a reader of the feed: it lapses by the clock, without an event.
const TABLES: Record<keyof Ledger, string> = {
  orgs: `select id::text as key, json_build_object('name', name, 'slug', slug, 'logoUrl', logo_url,
    'memberAccess', member_access, 'externalId', external_id, 'deleted', deleted_at is not null) as row from orgs`,
  members: `select concat_ws(' ', org_id, user_id) as key,
    json_build_object('role', role, 'source', source) as row from members`,
  resources: `select id::text as key, json_build_object('orgId', org_id, 'parentId', parent_id, 'path', path,
    'type', type, 'name', name, 'externalId', external_id) as row from resources`,
  grants: `select concat_ws(' ', org_id, user_id, resource_id) as key, json_build_object('role', role) as row
    from grants`,
  invitations: `select id::text as key, json_build_object('orgId', org_id, 'email', email, 'role', role,
    'resourceRoles', resource_roles, 'maxUses', max_uses, 'uses', uses,
    'status', case status when 'expired' then 'pending' else status end) as row from invitations`,
}
