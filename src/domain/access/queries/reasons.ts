import { type Placeholder, type SQL, sql } from 'drizzle-orm'
import { ROLES, type Role } from '../../roles.ts'
import { readsEverything } from './gate.ts'

// The rules of the cascade have their one place here. They are written out: Drizzle drops table names from the columns
// of a single-table select, and `grants.org_id = members.org_id` would become `org_id = org_id`, which is always true.

/**
 * Selects the reasons why a member has a right at a place: a row for their role in the organisation, if it reaches
 * there, and one for each grant on the place or above it. Needs the member's rows of `orgs` and `members` in scope.
 *
 * `offset 0` makes it one index lookup for each place on the path, however many grants the member has.
 *
 * @param path the path of a resource, or empty for the organisation itself.
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

/**
 * Sorts reasons by the strongest role; of equal roles, the nearest comes first. The first reason is the one that
 * counts.
 */
export const strongestFirst = sql`array_position(${sql.raw(`array['${ROLES.join("', '")}']`)}, reasons.role), reasons.depth desc`

/**
 * Selects the name of the resource where a reason's role was granted; null for the organisation.
 *
 * @param told a condition on that resource, called `source`; the name is null unless it holds.
 */
export function nameOfSource(told: SQL = sql`true`): SQL {
  return sql`(select source.name from resources as source
    where source.org_id = members.org_id and source.id = reasons.resource_id and ${told})`
}

/** Selects a user's strongest role on the row of `resources` in scope. Null: no right at all, or a service. */
export function roleOnResource(userId: Placeholder) {
  return sql<Role | null>`(
    select reasons.role
    from orgs
    join members on members.org_id = orgs.id and members.user_id = ${userId}
    cross join lateral ${reasonsAt(sql`resources.path`)} as reasons
    where orgs.id = resources.org_id
    order by ${strongestFirst} limit 1)`
}
