import { and, eq, ne, or, type SQL, sql } from 'drizzle-orm'
import { type Sql, type Tx, theOne } from '../../../db/client.ts'
import { prepared, preparedForGiven } from '../../../db/statement.ts'
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

const isInOrg = eq(members.orgId, sql.placeholder('orgId'))
const isOne = and(isInOrg, eq(members.userId, sql.placeholder('userId')))

const memberRow = prepared('member', (db) =>
  db.select(MEMBER).from(members).innerJoin(users, eq(users.id, members.userId)).where(isOne),
)

/** Read under the org's lock, which everybody takes who changes a membership; so the row itself needs none. */
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

/** A member without what is known of the person. */
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

type Given = Omit<MemberFilter, 'after'> & {
  readonly orgId: string
  readonly callerId: string | null
  readonly afterJoinedAt?: string | undefined
  readonly afterUserId?: string | undefined
}

type PageRow = { readonly callerRole: Role | null; readonly member: Member | null }

const memberPage = preparedForGiven<Given, PageRow[]>('members', (db, given) => {
  const gate = gateOf(db, sql.placeholder('callerId'), sql.placeholder('orgId'))
  const page = db
    .select(MEMBER)
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(isInOrg, ...conditions(given)))
    .orderBy(members.joinedAt, members.userId)
    .limit(sql.placeholder('limit'))
    .as('page')
  return db
    .select({ callerRole: gate.callerRole, member: page._.selectedFields })
    .from(gate)
    .leftJoin(page, sql`true`)
    .orderBy(page.joinedAt, page.userId)
})

function conditions(given: ReadonlySet<keyof Given>): (SQL | undefined)[] {
  return [
    given.has('userId') ? eq(members.userId, sql.placeholder('userId')) : undefined,
    given.has('role') ? eq(members.role, sql.placeholder('role')) : undefined,
    given.has('q') ? or(startsWith(users.name), startsWith(users.email)) : undefined,
    // One range of the index on these two.
    given.has('afterUserId')
      ? sql`(${members.joinedAt}, ${members.userId}) >
          (${sql.placeholder('afterJoinedAt')}::timestamptz, ${sql.placeholder('afterUserId')})`
      : undefined,
  ]
}

function startsWith(column: typeof users.name | typeof users.email): SQL {
  return sql`starts_with(lower(${column}), lower(${sql.placeholder('q')}))`
}

/** Members in the order they joined; one row more than `limit` when there is more. Undefined behind a closed gate. */
export async function listMemberRows(
  db: Sql,
  actor: Actor,
  orgId: string,
  { after, limit, ...filter }: MemberFilter,
): Promise<MemberPage | undefined> {
  const rows = await memberPage(db, {
    ...filter,
    orgId,
    callerId: callerIdOf(actor),
    afterJoinedAt: after?.joinedAt.toISOString(),
    afterUserId: after?.userId,
    limit: limit + 1,
  })
  const [first] = rows
  return first && { callerRole: first.callerRole, rows: rows.flatMap(({ member }) => member ?? []) }
}
