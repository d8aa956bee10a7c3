import { and, desc, eq, isNull, lt, type SQL, sql } from 'drizzle-orm'
import type { Sql } from '../../../db/client.ts'
import { invitations } from '../../../db/tables/invitations.ts'
import { orgs } from '../../../db/tables/orgs.ts'
import { callerIdOf, gateOf } from '../../access/queries/gate.ts'
import type { Actor, User } from '../../actor.ts'
import type { Role } from '../../roles.ts'
import { verifiedEmailOf } from '../../users/user.ts'
import type { Invitation, Status } from '../invitation.ts'
import { INVITATION, inviterIsAdmin, openTo } from './columns.ts'
import { type Key, opens } from './lifecycle.ts'

export interface InvitationFilter {
  readonly id?: string | undefined
  readonly status?: Status | undefined
  readonly email?: string | undefined
  readonly role?: Role | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** The newest first; one row more than `limit` when there is more. Undefined behind a closed gate. */
export async function listInvitationRows(
  db: Sql,
  actor: Actor,
  orgId: string,
  filter: InvitationFilter,
): Promise<{ callerRole: Role | null; rows: Invitation[] } | undefined> {
  const gate = gateOf(db, callerIdOf(actor), orgId)
  const page = db
    .select({ id: invitations.id })
    .from(invitations)
    .where(and(eq(invitations.orgId, orgId), ...conditions(filter)))
    .orderBy(desc(invitations.id))
    .limit(filter.limit + 1)
    .as('page')
  const rows = await db
    .select({ callerRole: gate.callerRole, invitation: INVITATION, id: page.id })
    .from(gate)
    .leftJoin(page, sql`true`)
    .leftJoin(invitations, and(eq(invitations.orgId, gate.orgId), eq(invitations.id, page.id)))
    .orderBy(desc(page.id))
  const [first] = rows
  if (!first) return undefined
  return {
    callerRole: first.callerRole,
    rows: rows.filter(({ id }) => id !== null).map((row) => row.invitation as Invitation),
  }
}

function conditions({ id, status, email, role, after }: InvitationFilter): (SQL | undefined)[] {
  return [
    id === undefined ? undefined : eq(invitations.id, id),
    status === undefined ? undefined : eq(INVITATION.status, status),
    email === undefined ? undefined : eq(invitations.email, email),
    role === undefined ? undefined : eq(invitations.role, role),
    after === undefined ? undefined : lt(invitations.id, after),
  ]
}

const ORG = { id: orgs.id, name: orgs.name, logoUrl: orgs.logoUrl }

/** The bell, the newest first; one row more than `limit` when there is more. */
export async function listOpenRows(
  db: Sql,
  user: User,
  { after, limit }: { after?: string | undefined; limit: number },
) {
  return db
    .select({ invitation: INVITATION, org: ORG })
    .from(invitations)
    .innerJoin(orgs, eq(orgs.id, invitations.orgId))
    .where(
      and(
        openTo(user.id, verifiedEmailOf(user)),
        after === undefined ? undefined : lt(invitations.id, after),
      ),
    )
    .orderBy(desc(invitations.id))
    .limit(limit + 1)
}

export async function findByKey(db: Sql, key: Key) {
  const [found] = await db
    .select({ invitation: INVITATION, inviterIsAdmin, org: ORG })
    .from(invitations)
    .innerJoin(orgs, eq(orgs.id, invitations.orgId))
    .where(and(opens(key), isNull(orgs.deletedAt)))
  return found
}
