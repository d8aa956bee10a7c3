/**
 * A statement that answers a `complaint` for whatever is wrong with the place of a resource, or with a grant. A
 * resource at the end of its path is in no circle: the path is finite, and ends in the resource itself.
 *
 * @param where a condition on `resources` and on `grants`.
 */
export function brokenTrees(where = 'true'): string {
  return `
  select 'not where its parent is: ' || name as complaint from resources where ${where}
    and path is distinct from case when parent_id is null then array[id] else (select above.path || resources.id
      from resources as above where above.org_id = resources.org_id and above.id = resources.parent_id) end
  union all select 'twice in its own path: ' || name from resources where ${where}
    and cardinality(path) > (select count(distinct id) from unnest(path) as step (id))
  union all select 'deeper than eight: ' || name from resources where ${where}
    and (with recursive above (parent_id, depth) as (
      select resources.parent_id, 1
      union all select upper.parent_id, depth + 1 from above
        join resources as upper on upper.org_id = resources.org_id and upper.id = above.parent_id
        where depth < 9)
      select max(depth) from above) > 8
  union all select 'one externalId twice: ' || external_id from resources where ${where} and external_id is not null
    group by org_id, external_id having count(*) > 1
  union all select 'granted to who is no member: ' || user_id from grants where ${where}
    and not exists (select from members where members.org_id = grants.org_id and members.user_id = grants.user_id)
  union all select 'granted on nothing: ' || resource_id from grants where ${where}
    and not exists (select from resources where resources.org_id = grants.org_id and resources.id = grants.resource_id)
  union all select 'invoice information of nothing: ' || resource_id from billing where ${where}
    and resource_id is not null and not exists (select from resources
      where resources.org_id = billing.org_id and resources.id = billing.resource_id)`
}
