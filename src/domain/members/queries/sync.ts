import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../../db/client.ts'
import { members } from '../../../db/tables/orgs.ts'
import type { By } from '../../actor.ts'
import type { Role } from '../../roles.ts'

export interface RoleOf {
  readonly userId: string
  readonly role: Role
}

/** What a wanted set of members changes, each list in the order of the ids. */
export interface MemberDifference {
  readonly added: RoleOf[]
  readonly changed: (RoleOf & { readonly previousRole: Role })[]
  readonly removed: RoleOf[]
  /** How many stay as they are. */
  readonly unchanged: number
}

/** Read under the org's lock. */
export async function findDifference(
  tx: Tx,
  orgId: string,
  wanted: readonly RoleOf[],
): Promise<MemberDifference> {
  const { rows } = await tx.execute<{ userId: string; role: Role | null; previousRole: Role | null }>(sql`
    select coalesce(wanted."userId", current.user_id) as "userId", wanted.role, current.role as "previousRole"
    from ${asRows(wanted)}
    full join (select user_id, role from members where org_id = ${orgId}) as current
      on current.user_id = wanted."userId"
    where wanted.role is distinct from current.role
    order by 1`)
  const changes = rows.map(({ userId, role, previousRole }) => ({ userId, role, previousRole }))
  const added = changes.flatMap(({ userId, role, previousRole }) =>
    role && !previousRole ? { userId, role } : [],
  )
  const changed = changes.flatMap(({ userId, role, previousRole }) =>
    role && previousRole ? { userId, role, previousRole } : [],
  )
  const removed = changes.flatMap(({ userId, role, previousRole }) =>
    previousRole && !role ? { userId, role: previousRole } : [],
  )
  return { added, changed, removed, unchanged: wanted.length - added.length - changed.length }
}

/** Their rights on resources go with them. */
export async function deleteMembers(tx: Tx, orgId: string, gone: readonly RoleOf[]): Promise<void> {
  const ids = sql`${sql.param(gone.map(({ userId }) => userId))}::text[]`
  await tx.delete(members).where(and(eq(members.orgId, orgId), sql`${members.userId} = any(${ids})`))
}

export async function updateRoles(
  tx: Tx,
  orgId: string,
  changed: readonly RoleOf[],
  { type, id }: By,
): Promise<void> {
  await tx.execute(sql`
    update members set role = wanted.role, version = version + 1,
      granted_at = now(), granted_by_type = ${type}, granted_by_id = ${id}
    from ${asRows(changed)} where org_id = ${orgId} and user_id = wanted."userId"`)
}

/** In one organisation or in several. */
export async function insertMembers(
  tx: Tx,
  added: readonly (RoleOf & { readonly orgId: string })[],
  { type, id }: By,
): Promise<void> {
  if (added.length === 0) return
  await tx.execute(sql`
    insert into members (org_id, user_id, role, source, granted_at, granted_by_type, granted_by_id)
    select "orgId", "userId", role, 'provisioned', now(), ${type}, ${id}
    from jsonb_to_recordset(${JSON.stringify(added)}::jsonb)
      as added ("orgId" uuid, "userId" text, role text)`)
}

function asRows(people: readonly RoleOf[]): SQL {
  const rows = people.map(({ userId, role }) => ({ userId, role }))
  return sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as wanted ("userId" text, role text)`
}
