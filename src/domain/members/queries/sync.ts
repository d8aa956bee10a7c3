import { sql } from 'drizzle-orm'
import type { Tx } from '../../../db/client.ts'
import { bulkText } from '../../../db/statement.ts'
import type { By } from '../../actor.ts'
import type { Role } from '../../roles.ts'

export interface RoleOf {
  readonly userId: string
  readonly role: Role
}

/** The changes that a wanted set of members makes, each list in the order of the ids. */
export interface MemberDifference {
  readonly added: RoleOf[]
  readonly changed: (RoleOf & { readonly previousRole: Role })[]
  readonly removed: RoleOf[]
  /** The number of members who stay as they are. */
  readonly unchanged: number
}

const wantedMembers = sql`jsonb_to_recordset(${sql.placeholder('wanted')}::jsonb)
  as wanted ("userId" text, role text)`

const difference = bulkText<{ userId: string; role: Role | null; previousRole: Role | null }>(
  sql`select coalesce(wanted."userId", current.user_id) as "userId", wanted.role, current.role as "previousRole"
    from ${wantedMembers}
    full join (select user_id, role from members where org_id = ${sql.placeholder('orgId')}) as current
      on current.user_id = wanted."userId"
    where wanted.role is distinct from current.role
    order by 1`,
)

/** Reads under the org's lock. */
export async function findDifference(
  tx: Tx,
  orgId: string,
  wanted: readonly RoleOf[],
): Promise<MemberDifference> {
  const { rows } = await difference(tx, { orgId, wanted: asRows(wanted) })
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

const membersDeleted = bulkText(
  sql`delete from members
    where org_id = ${sql.placeholder('orgId')} and user_id = any(${sql.placeholder('userIds')}::text[])`,
)

/** Deletes members, and with them their rights on resources. */
export async function deleteMembers(tx: Tx, orgId: string, gone: readonly RoleOf[]): Promise<void> {
  await membersDeleted(tx, { orgId, userIds: gone.map(({ userId }) => userId) })
}

const rolesUpdated = bulkText(
  sql`update members set role = wanted.role, version = version + 1,
      granted_at = now(), granted_by_type = ${sql.placeholder('byType')}, granted_by_id = ${sql.placeholder('byId')}
    from ${wantedMembers} where org_id = ${sql.placeholder('orgId')} and user_id = wanted."userId"`,
)

export async function updateRoles(tx: Tx, orgId: string, changed: readonly RoleOf[], by: By): Promise<void> {
  await rolesUpdated(tx, { orgId, wanted: asRows(changed), byType: by.type, byId: by.id })
}

const membersInserted = bulkText(
  sql`insert into members (org_id, user_id, role, source, granted_at, granted_by_type, granted_by_id)
    select "orgId", "userId", role, 'provisioned', now(), ${sql.placeholder('byType')}, ${sql.placeholder('byId')}
    from jsonb_to_recordset(${sql.placeholder('added')}::jsonb) as added ("orgId" uuid, "userId" text, role text)`,
)

/** Inserts members of one organisation or of several. */
export async function insertMembers(
  tx: Tx,
  added: readonly (RoleOf & { readonly orgId: string })[],
  by: By,
): Promise<void> {
  if (added.length === 0) return
  await membersInserted(tx, { added: JSON.stringify(added), byType: by.type, byId: by.id })
}

function asRows(people: readonly RoleOf[]): string {
  return JSON.stringify(people.map(({ userId, role }) => ({ userId, role })))
}
