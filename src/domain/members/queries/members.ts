import { and, eq, ne, sql } from 'drizzle-orm'
import { type Tx, theOne } from '../../../db/client.ts'
import { prepared } from '../../../db/statement.ts'
import { members, users } from '../../../db/tables/orgs.ts'
import type { By } from '../../actor.ts'
import type { Role } from '../../roles.ts'
import type { Member, Source } from '../member.ts'

export const MEMBER = {
  userId: members.userId,
  name: users.name,
  email: users.email,
  role: members.role,
  source: members.source,
  joinedAt: members.joinedAt,
  version: members.version,
}

const isInOrg = eq(members.orgId, sql.placeholder('orgId'))
const isOne = and(isInOrg, eq(members.userId, sql.placeholder('userId')))

const memberRow = prepared('member', (db) =>
  db.select(MEMBER).from(members).innerJoin(users, eq(users.id, members.userId)).where(isOne),
)

/** Reads under the org's lock, which every change of a membership takes; so the row itself needs no lock. */
export async function findMember(tx: Tx, orgId: string, userId: string): Promise<Member | undefined> {
  const [member] = await memberRow(tx, { orgId, userId })
  return member
}

const otherAdmin = prepared('admin_besides', (db) =>
  db
    .select({ userId: members.userId })
    .from(members)
    .where(and(isInOrg, sql`${members.role} = 'admin'`, ne(members.userId, sql.placeholder('userId'))))
    .limit(1),
)

export async function hasAdminBesides(tx: Tx, orgId: string, userId: string): Promise<boolean> {
  const [other] = await otherAdmin(tx, { orgId, userId })
  return other !== undefined
}

const GRANTED = {
  role: sql`${sql.placeholder('role')}`,
  grantedAt: sql`now()`,
  grantedByType: sql`${sql.placeholder('byType')}`,
  grantedById: sql`${sql.placeholder('byId')}`,
}

const { name: _name, email: _email, ...MEMBERSHIP } = MEMBER

/** A member without the person's name and address. */
export type Membership = Omit<Member, 'name' | 'email'>

const memberInserted = prepared('insert_member', (db) =>
  db
    .insert(members)
    .values({
      orgId: sql.placeholder('orgId'),
      userId: sql.placeholder('userId'),
      source: sql.placeholder('source'),
      ...GRANTED,
    })
    .returning(MEMBERSHIP),
)

export async function insertMember(
  tx: Tx,
  member: { orgId: string; userId: string; role: Role; source: Source },
  by: By,
): Promise<Membership> {
  const [inserted] = await memberInserted(tx, { ...member, byType: by.type, byId: by.id })
  return theOne(inserted)
}

const roleUpdated = prepared('update_role', (db) =>
  db
    .update(members)
    .set({ ...GRANTED, version: sql`${members.version} + 1` })
    .where(isOne)
    .returning({ role: members.role, version: members.version }),
)

export async function updateRole(
  tx: Tx,
  orgId: string,
  userId: string,
  role: Role,
  by: By,
): Promise<Pick<Member, 'role' | 'version'>> {
  const [member] = await roleUpdated(tx, { orgId, userId, role, byType: by.type, byId: by.id })
  return theOne(member)
}

const memberDeleted = prepared('delete_member', (db) => db.delete(members).where(isOne))

export async function deleteMember(tx: Tx, orgId: string, userId: string): Promise<void> {
  await memberDeleted(tx, { orgId, userId })
}
