import type { Scene } from './scenes.ts'
import type { Stage } from './stage.ts'

/** Lists the answers in the order of the calls. */
export function each(answers: readonly string[]): string {
  return answers.join(', ')
}

/** Counts each answer: `1 joined, 4 invitation_used`. */
export function tally(answers: readonly string[]): string {
  const groups = [...Map.groupBy(answers.toSorted(), (answer) => answer)]
  return groups.map(([answer, { length }]) => `${length} ${answer}`).join(', ')
}

/** Lists the Admins at the end. */
export async function admins({ muster }: Stage, { orgId }: Scene): Promise<string> {
  const { rows } = await muster.db.pool.query<{ id: string }>(
    "select user_id as id from members where org_id = $1 and role = 'admin' order by user_id",
    [orgId],
  )
  return `Admins: ${rows.map(({ id }) => id.split('-')[0]).join(', ') || 'nobody'}`
}

export async function memberCount({ muster }: Stage, { orgId }: Scene): Promise<number> {
  const { rows } = await muster.db.pool.query<{ count: number }>(
    'select count(*)::int as count from members where org_id = $1',
    [orgId],
  )
  return rows[0]?.count ?? Number.NaN
}

/** Counts the members, and lists the invitations in the order of creation: `2 members, accepted 1/1`. */
export async function joined(stage: Stage, scene: Scene): Promise<string> {
  const { rows } = await stage.muster.db.pool.query<{ word: string }>(
    `select status || ' ' || uses || '/' || max_uses as word from invitations where org_id = $1 order by id`,
    [scene.orgId],
  )
  return [`${await memberCount(stage, scene)} members`, ...rows.map(({ word }) => word)].join(', ')
}

/** Finds what is broken in an organisation after anything may have happened to it. */
export async function broken({ muster }: Stage, { orgId }: Scene): Promise<string[]> {
  const { rows } = await muster.db.pool.query<{ complaint: string }>(
    `select 'nobody is Admin' as complaint
       where not exists (select from members where org_id = $1 and role = 'admin')
     union all select 'uses and acceptances differ' from invitations
       where org_id = $1 and uses <> (select count(*) from acceptances where acceptances.org_id = invitations.org_id
         and acceptances.invitation_id = invitations.id)
     union all select 'somebody came in without an acceptance' from members
       where org_id = $1 and source = 'invitation' and not exists (select from acceptances
         where acceptances.org_id = members.org_id and acceptances.user_id = members.user_id)
     union all select 'two are pending for one address' from invitations
       where org_id = $1 and status = 'pending' and email is not null group by email having count(*) > 1`,
    [orgId],
  )
  return rows.map(({ complaint }) => complaint)
}
