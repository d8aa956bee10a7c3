import { brokenTrees } from '../faults/tree-invariants.ts'
import type { Scene } from './scenes.ts'
import type { Stage } from './stage.ts'

/** Lists the organisation's resources as their paths tell, and what is broken in them: `a, a/b`. */
export async function tree(stage: Stage, scene: Scene): Promise<string> {
  const broken = await stage.muster.db.pool.query<{ complaint: string }>(brokenTrees('org_id = $1'), [
    scene.orgId,
  ])
  return [await places(stage, scene), ...broken.rows.map(({ complaint }) => complaint)].join(', ')
}

/** Lists the paths alone, which is fast enough to look before another caller is done. */
export async function places({ muster }: Stage, { orgId }: Scene): Promise<string> {
  const { rows } = await muster.db.pool.query<{ line: string }>(
    `select (select string_agg(coalesce(above.name, '?'), '/' order by position)
       from unnest(resources.path) with ordinality as step (id, position)
       left join resources as above on above.org_id = resources.org_id and above.id = step.id) as line
     from resources where org_id = $1 order by line`,
    [orgId],
  )
  return wordsOf(rows) || 'nothing'
}

/** Lists the grants: `carol: admin on a`. */
export async function granted({ muster }: Stage, { orgId }: Scene): Promise<string> {
  const { rows } = await muster.db.pool.query<{ line: string }>(
    `select concat(split_part(grants.user_id, '-', 1), ': ', grants.role, ' on ', coalesce(name, '?'),
       case when members.user_id is null then ', no member' end) as line
     from grants
     left join resources on resources.org_id = grants.org_id and resources.id = grants.resource_id
     left join members on members.org_id = grants.org_id and members.user_id = grants.user_id
     where grants.org_id = $1 order by line`,
    [orgId],
  )
  return wordsOf(rows) || 'nothing granted'
}

/** Lists the invoice information and whose it is: `org: One v1`. */
export async function filledIn({ muster }: Stage, { orgId }: Scene): Promise<string> {
  const { rows } = await muster.db.pool.query<{ line: string }>(
    `select concat(coalesce(name, 'org'), ': ', legal_name, ' v', billing.version) as line
     from billing left join resources on resources.org_id = billing.org_id and resources.id = billing.resource_id
     where billing.org_id = $1 order by line`,
    [orgId],
  )
  return wordsOf(rows) || 'nothing filled in'
}

function wordsOf(rows: readonly { line: string }[]): string {
  return rows.map(({ line }) => line).join(', ')
}
