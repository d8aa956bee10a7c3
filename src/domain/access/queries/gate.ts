import { and, eq, isNull, type Placeholder, sql } from 'drizzle-orm'
import type { Sql, Tx } from '../../../db/client.ts'
import { prepared } from '../../../db/statement.ts'
import { members, orgs } from '../../../db/tables/orgs.ts'
import type { Actor } from '../../actor.ts'
import type { Role } from '../../roles.ts'

const roleOf = prepared('role', (db) =>
  db
    .select({ role: members.role })
    .from(members)
    .where(and(eq(members.orgId, sql.placeholder('orgId')), eq(members.userId, sql.placeholder('userId')))),
)

export async function findRole(tx: Tx, orgId: string, userId: string): Promise<Role | undefined> {
  const [member] = await roleOf(tx, { orgId, userId })
  return member?.role
}

/** True when a user may read every resource without a grant. Needs the user's rows of `orgs` and `members` in scope. */
export const readsEverything = sql`(members.role <> 'member' or orgs.member_access = 'all')`

/**
 * Builds the gate: a subquery with one row when the org is live and the caller belongs to it, and none otherwise (the
 * gate is closed). A service, named null, belongs everywhere. A read left-joins its page to the gate, so that its one
 * statement includes the caller's right.
 */
export function gateOf(db: Sql, callerId: string | null | Placeholder, orgId: string | Placeholder) {
  return db
    .select({
      orgId: orgs.id,
      callerRole: members.role,
      readsAll: sql<boolean>`(${callerId}::text is null or ${readsEverything})`.as('reads_all'),
    })
    .from(orgs)
    .leftJoin(members, and(eq(members.orgId, orgs.id), eq(members.userId, sql`${callerId}::text`)))
    .where(
      and(
        eq(orgs.id, orgId),
        isNull(orgs.deletedAt),
        sql`(${callerId}::text is null or ${members.role} is not null)`,
      ),
    )
    .as('gate')
}

/** Returns null for a service, which has no role of its own. */
export function callerIdOf(actor: Actor): string | null {
  return actor.type === 'user' ? actor.id : null
}
