import { type SQL, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { Tx } from '../../../db/client.ts'
import { bulkText, preparedText } from '../../../db/statement.ts'
import type { By } from '../../actor.ts'
import type { Change } from '../event.ts'

const orgId = sql`${sql.placeholder('orgId')}::uuid`
const orgIds = sql`${sql.placeholder('orgIds')}::uuid[]`

// One organisation is counted by its id alone. This plan does not depend on how many changes there are, so PostgreSQL
// makes it once. With arrays of organisations PostgreSQL would make one for each call, which takes longer than running
// it.
const insertOfOne = preparedText(
  'insert_events',
  inserting({
    counting: sql`last_sequence + ${sql.placeholder('count')}::int where id = ${orgId}`,
    changes: sql`from unnest(${sql.placeholder('ids')}::uuid[], ${sql.placeholder('later')}::int[],
        ${sql.placeholder('types')}::text[], ${sql.placeholder('subjectTypes')}::text[],
        ${sql.placeholder('subjectIds')}::text[], ${sql.placeholder('data')}::jsonb[])
        with ordinality as change (id, later, type, subject_type, subject_id, data, place)
      cross join (select ${orgId} as org_id) as org left join counted on true`,
  }),
)

// It takes arrays, and finds organisations by their ids. For JSON the planner would assume a hundred rows, and read all
// of `orgs`.
const insertOfMany = bulkText(
  inserting({
    counting: sql`last_sequence + (${sql.placeholder('counts')}::int[])[array_position(${orgIds}, id)]
      where id = any (${orgIds})`,
    changes: sql`from unnest(${sql.placeholder('ids')}::uuid[], ${sql.placeholder('orgs')}::uuid[],
        ${sql.placeholder('later')}::int[], ${sql.placeholder('types')}::text[],
        ${sql.placeholder('subjectTypes')}::text[], ${sql.placeholder('subjectIds')}::text[],
        ${sql.placeholder('data')}::jsonb[])
        with ordinality as change (id, org_id, later, type, subject_type, subject_id, data, place)
      left join counted on counted.id = org_id`,
  }),
)

function inserting({ counting, changes }: { counting: SQL; changes: SQL }): SQL {
  return sql`with counted as (update orgs set last_sequence = ${counting} returning id, last_sequence),
    written as (
      insert into events
        (id, org_id, sequence, type, actor_type, actor_id, subject_type, subject_id, data, occurred_at)
      select change.id, org_id, last_sequence - later, type,
        ${sql.placeholder('actorType')}::text, ${sql.placeholder('actorId')}::text,
        subject_type, subject_id, data, clock_timestamp()
      ${changes}
      order by place
      returning serial, id, type)
    insert into feed_queue (serial, event_id, type) select serial, id, type from written`
}

// Changes that one call records at most, unless it is about many people.
const FEW = 20

/**
 * Inserts events and queues them for their positions in the feed. A counter in the row of the organisation, which the
 * caller has locked, numbers its events. Returns their ids. The caller need not wait for them: the statement fails when
 * an organisation does not exist.
 */
export async function insertEvents(
  tx: Tx,
  changes: readonly (Change & { readonly orgId: string | null })[],
  by: By | null,
): Promise<string[]> {
  const ids = changes.map(() => uuidv7())
  const { counts, later } = countByOrg(changes)
  const values = {
    actorType: by?.type ?? 'system',
    actorId: by?.id ?? null,
    ids,
    later,
    types: changes.map(({ type }) => type),
    subjectTypes: changes.map(({ subject }) => subject.type),
    subjectIds: changes.map(({ subject }) => subject.id),
    data: changes.map(({ data }) => JSON.stringify(data)),
  }
  const [orgId = null, ...others] = new Set(changes.map(({ orgId }) => orgId))
  if (others.length === 0 && changes.length <= FEW)
    await insertOfOne(tx, { ...values, orgId, count: changes.length })
  else
    await insertOfMany(tx, {
      ...values,
      orgIds: [...counts.keys()],
      counts: [...counts.values()],
      orgs: changes.map(({ orgId }) => orgId),
    })
  return ids
}

/** Counts the changes of each organisation, and for each change the later ones of its organisation. */
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
