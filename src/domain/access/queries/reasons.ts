import { type Placeholder, type SQL, sql } from 'drizzle-orm'
import { ROLES, type Role } from '../../roles.ts'
import { readsEverything } from './gate.ts'

// The rules of the cascade, once. They are written out: Drizzle drops table names from the columns of a single-table
// select, and `grants.org_id = members.org_id` would become `org_id = org_id`, which is always true.

/**
 * Why a member has a right at a place: a row for their role in the organisation, if it reaches there, and one for each
 * grant on the place or above it. Needs the member's rows of `orgs` and `members` in scope.
 *
 * With `offset 0` it is one look into the index for each place on the path, however many grants the member has.
 *
 * @param path of the place: of a resource, or empty for the organisation itself.
 */
export function reasonsAt(path: SQL): SQL {
  return sql`(
    select members.role, null::uuid as resource_id, 0 as depth, members.granted_by_type, members.granted_by_id,
      coalesce(members.granted_at, members.joined_at) as since
    where cardinality(${path}) = 0 or ${readsEverything}
    union all
    select granted.role, granted.resource_id, place.depth, granted.granted_by_type, granted.granted_by_id,
      granted.granted_at
    from unnest(${path}) with ordinality as place (id, depth)
    cross join lateral (select grants.* from grants
      where grants.org_id = members.org_id and grants.user_id = members.user_id
        and grants.resource_id = place.id offset 0) as granted
  )`
}

/** The order of reasons: the strongest role, and of equal ones the nearest. The first one is the role that counts. */
export const strongestFirst = sql`array_position(${sql.raw(`array['${ROLES.join("', '")}']`)}, reasons.role), reasons.depth desc`

/**
 * Of the resource that a reason's role was granted on; null for the organisation.
 *
 * @param told a condition on that resource, called `source`.
 */
export function nameOfSource(told: SQL = sql`true`): SQL {
  return sql`(select source.name from resources as source
    where source.org_id = members.org_id and source.id = reasons.resource_id and ${told})`
}

/** What somebody's role comes to on the row of `resources` in scope. Null: no right at all, or a service. */
export function roleOnResource(userId: Placeholder) {
  return sql<Role | null>`(
    select reasons.role
    from orgs
    join members on members.org_id = orgs.id and members.user_id = ${userId}
    cross join lateral ${reasonsAt(sql`resources.path`)} as reasons
    where orgs.id = resources.org_id
    order by ${strongestFirst} limit 1)`
}
