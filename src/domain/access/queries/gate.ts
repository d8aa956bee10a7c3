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

/** Of somebody's rows in `orgs` and `members`: they may read every resource there, without a grant. */
export const readsEverything = sql`(members.role <> 'member' or orgs.member_access = 'all')`

/**
 * A subquery with one row when the org is live and the caller belongs to it (a service, named null, belongs
 * everywhere), and none otherwise. A read left-joins its page to it, so that the caller's right is part of the one statement.
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

/** Null for a service, which has no role of its own. */
export function callerIdOf(actor: Actor): string | null {
  return actor.type === 'user' ? actor.id : null
}
