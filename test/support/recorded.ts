import type { Event } from '../../src/domain/events/event.ts'
import type { Muster } from './muster.ts'

/** Reads the events of all organisations, in the order of writing. */
export async function openLog({ db }: Pick<Muster, 'db'>) {
  const last = async (): Promise<string> => {
    const { rows } = await db.pool.query('select coalesce(max(serial), 0)::text as serial from events')
    return rows[0].serial
  }
  return {
    /** Marks the present. The result reads what has been written since. */
    mark: async () => {
      const serial = await last()
      return async (): Promise<Event[]> => (await db.pool.query(WRITTEN, [serial])).rows
    },
    /** Last sequence number of each organisation. */
    sequences: async (): Promise<ReadonlyMap<string, number>> => {
      const { rows } = await db.pool.query<{ id: string; last: number }>(
        'select id, last_sequence::int as last from orgs',
      )
      return new Map(rows.map(({ id, last }) => [id, last]))
    },
  }
}

const WRITTEN = `
  select id, type, org_id as "orgId", json_build_object('type', actor_type, 'userId', actor_id) as actor,
    json_build_object('type', subject_type, 'id', subject_id) as subject, data,
    occurred_at as "occurredAt", sequence::int
  from events where serial > $1 order by serial`
