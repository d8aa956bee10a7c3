import { and, eq, gt, ne, or, type SQL, sql } from 'drizzle-orm'
import { type Sql, type Tx, theOne } from '../../../db/client.ts'
import { members, users } from '../../../db/tables/orgs.ts'
import { callerIdOf, gateOf } from '../../access/queries/gate.ts'
import type { Actor, By } from '../../actor.ts'
import type { Role } from '../../roles.ts'
import type { Member, Source } from '../member.ts'

const MEMBER = {
  userId: members.userId,
  name: users.name,
  email: users.email,
  role: members.role,
  source: members.source,
  joinedAt: members.joinedAt,
  version: members.version,
}

const isOne = (orgId: string, userId: string) => and(eq(members.orgId, orgId), eq(members.userId, userId))

/** Read under the org's lock, which everybody takes who changes a membership; so the row itself needs none. */
export async function findMember(tx: Tx, orgId: string, userId: string): Promise<Member | undefined> {
  const [member] = await tx
    .select(MEMBER)
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(isOne(orgId, userId))
  return member
}

export async function hasAdminBesides(tx: Tx, orgId: string, userId: string): Promise<boolean> {
  const [other] = await tx
    .select({ userId: members.userId })
    .from(members)
    .where(and(eq(members.orgId, orgId), eq(members.role, 'admin'), ne(members.userId, userId)))
    .limit(1)
  return other !== undefined
}

export async function insertMember(
  tx: Tx,
  member: { orgId: string; userId: string; role: Role; source: Source },
  by: By,
): Promise<void> {
  await tx.insert(members).values({ ...member, ...grantedBy(by) })
}

export async function updateRole(
  tx: Tx,
  orgId: string,
  userId: string,
  role: Role,
  by: By,
): Promise<Pick<Member, 'role' | 'version'>> {
  const [member] = await tx
    .update(members)
    .set({ role, ...grantedBy(by), version: sql`${members.version} + 1` })
    .where(isOne(orgId, userId))
    .returning({ role: members.role, version: members.version })
  return theOne(member)
}

function grantedBy({ type, id }: By) {
  return { grantedAt: sql`now()`, grantedByType: type, grantedById: id }
}

export async function deleteMember(tx: Tx, orgId: string, userId: string): Promise<void> {
  await tx.delete(members).where(isOne(orgId, userId))
}

export interface MemberFilter {
  readonly userId?: string | undefined
  readonly role?: Role | undefined
  readonly q?: string | undefined
  readonly after?: { joinedAt: Date; userId: string } | undefined
  readonly limit: number
}

export interface MemberPage {
  readonly callerRole: Role | null
  readonly rows: Member[]
}

/** Members in the order they joined; one row more than `limit` when there is more. Undefined behind a closed gate. */
export async function listMemberRows(
  db: Sql,
  actor: Actor,
  orgId: string,
  filter: MemberFilter,
): Promise<MemberPage | undefined> {
  const gate = gateOf(db, callerIdOf(actor), orgId)
  const page = db
    .select(MEMBER)
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.orgId, orgId), ...conditions(filter)))
    .orderBy(members.joinedAt, members.userId)
    .limit(filter.limit + 1)
    .as('page')
  const rows = await db
    .select({ callerRole: gate.callerRole, member: page._.selectedFields })
    .from(gate)
    .leftJoin(page, sql`true`)
    .orderBy(page.joinedAt, page.userId)
  const [first] = rows
  return first && { callerRole: first.callerRole, rows: rows.flatMap(({ member }) => member ?? []) }
}

function conditions({ userId, role, q, after }: MemberFilter): (SQL | undefined)[] {
  return [
    userId === undefined ? undefined : eq(members.userId, userId),
    role === undefined ? undefined : eq(members.role, role),
    q === undefined ? undefined : or(startsWith(users.name, q), startsWith(users.email, q)),
    after &&
      or(
        gt(members.joinedAt, after.joinedAt),
        and(eq(members.joinedAt, after.joinedAt), gt(members.userId, after.userId)),
      ),
  ]
}

function startsWith(column: typeof users.name | typeof users.email, prefix: string): SQL {
  return sql`starts_with(lower(${column}), lower(${prefix}))`
}
