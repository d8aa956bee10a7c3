import { type Placeholder, type SQL, sql } from 'drizzle-orm'

/** The user whose view it is, as SQL expressions over what is in scope. */
interface View {
  readonly orgId: SQL
  readonly userId: SQL
  /** True: every resource of the organisation. False: what the user was granted, and everything below it. */
  readonly readsAll: SQL
}

/**
 * Builds a lateral subquery with the ids of the resources that a user may read, in their order. It costs what is
 * readable, not what exists: a branch is one range of the index on `path`, and everything is one range of the primary
 * key. `offset 0` keeps each step a loop over the grants. Without it the planner, which takes every organisation for an
 * average one, would read a large one for each grant, or compare all grants with all.
 *
 * @param wanted conditions on `resources`.
 */
export function readableIds({ orgId, userId, readsAll }: View, wanted: SQL, limit: Placeholder): SQL {
  return sql`lateral (
    (select resources.id from resources
      where ${readsAll} and resources.org_id = ${orgId} and ${wanted}
      order by resources.id limit ${limit})
    union all
    (select below.id from grants
      cross join lateral (select resources.path from resources
        where resources.org_id = grants.org_id and resources.id = grants.resource_id offset 0) as root
      cross join lateral (select resources.id from resources
        where resources.org_id = grants.org_id and ${isWithin(sql`root.path`)} and ${wanted} offset 0) as below
      where not ${readsAll} and grants.org_id = ${orgId} and grants.user_id = ${userId}
        and not exists (select from unnest(trim_array(root.path, 1)) as place (id)
          cross join lateral (select from grants as above where above.org_id = grants.org_id
            and above.user_id = grants.user_id and above.resource_id = place.id offset 0) as above)
      order by below.id limit ${limit})
    order by id limit ${limit})`
}

/**
 * True for the row of `resources` that has this path, and for all below it: one range, because arrays sort by element.
 */
export function isWithin(path: SQL): SQL {
  return sql`(resources.path >= ${path} and resources.path < ${path} || 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)`
}
