import { sql } from 'drizzle-orm'
import type { Sql } from '../../../db/client.ts'
import { prepared } from '../../../db/statement.ts'
import type { Role } from '../../roles.ts'
import { reasonsAt, strongestFirst } from './reasons.ts'
import { Together } from './together.ts'

/** A user and a place. Without a resource, the place is the organisation itself. */
export interface Asked {
  readonly orgId: string
  readonly userId: string
  readonly resourceId: string | null
}

/** A user's strongest role at a place, and the resource where it was granted; null: in the organisation. */
export interface Standing {
  readonly role: Role | null
  readonly grantedOn: string | null
}

// The lateral subquery with its `limit 1` is a loop over the questions, whatever the planner estimates: each question
// takes one index lookup for the org, the member, the resource and the grants on its path. The `select` hides the
// number of questions from the planner. If the planner knew it, it would plan every small batch anew, which takes
// longer than running it.
const standings = prepared('standings', (db) =>
  db
    .select({
      role: sql<Role | null>`standing.role`,
      grantedOn: sql<string | null>`standing.resource_id`,
    })
    .from(
      sql`unnest((select ${sql.placeholder('orgIds')}::uuid[]), (select ${sql.placeholder('userIds')}::text[]),
        (select ${sql.placeholder('resourceIds')}::uuid[]))
        with ordinality as asked (org_id, user_id, resource_id, position)`,
    )
    .leftJoin(
      sql`lateral (
        select reasons.role, reasons.resource_id
        from orgs
        join members on members.org_id = orgs.id and members.user_id = asked.user_id
        left join resources on resources.org_id = orgs.id and resources.id = asked.resource_id
        cross join lateral ${reasonsAt(sql`coalesce(resources.path, '{}')`)} as reasons
        where orgs.id = asked.org_id and orgs.deleted_at is null
          and (asked.resource_id is null or resources.id is not null)
        order by ${strongestFirst} limit 1) as standing`,
      sql`true`,
    )
    .orderBy(sql`asked.position`),
)

const MOST = { questions: 500, statements: 2 }

const sharedBy = new WeakMap<Sql, Together<Asked, Standing>>()

/**
 * Returns the standing at each place, in their order. One statement serves any number of places and any depth of the
 * tree, and concurrent callers share it.
 */
export function findStandings(db: Sql, places: readonly Asked[]): Promise<Standing[]> {
  const shared = sharedBy.get(db) ?? new Together((all) => readStandings(db, all), MOST)
  sharedBy.set(db, shared)
  return shared.ask(places)
}

async function readStandings(db: Sql, places: readonly Asked[]): Promise<Standing[]> {
  return standings(db, {
    orgIds: places.map(({ orgId }) => orgId),
    userIds: places.map(({ userId }) => userId),
    resourceIds: places.map(({ resourceId }) => resourceId),
  })
}
