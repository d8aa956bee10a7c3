import { and, eq, sql } from 'drizzle-orm'
import type { Sql } from '../../../db/client.ts'
import { preparedForGiven } from '../../../db/statement.ts'
import { members, users } from '../../../db/tables/orgs.ts'
import { callerIdOf, gateOf } from '../../access/queries/gate.ts'
import type { Actor } from '../../actor.ts'
import type { Role } from '../../roles.ts'
import type { Member } from '../member.ts'
import { MEMBER } from './members.ts'
import { conditions, type Given, searched } from './search.ts'

export interface MemberFilter {
  readonly userId?: string | undefined
  readonly role?: Role | undefined
  readonly q?: string | undefined
  readonly after?: { readonly joinedAt: Date; readonly userId: string } | undefined
  readonly limit: number
}

export interface MemberPage {
  readonly callerRole: Role | null
  readonly rows: Member[]
}

interface Row {
  readonly callerRole: Role | null
  readonly member: { readonly [K in keyof Member]: Member[K] | null } | null
}

const orgId = sql.placeholder('orgId')
const gate = (db: Sql) => gateOf(db, sql.placeholder('callerId'), orgId)

const listed = preparedForGiven<Given, Row[]>('members', (db, given) => {
  const caller = gate(db)
  const page = db
    .select(MEMBER)
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.orgId, orgId), conditions(given)))
    .orderBy(members.joinedAt, members.userId)
    .limit(sql.placeholder('limit'))
    .as('page')
  const { userId, name, email, role, source, joinedAt, version } = page
  const member = { userId, name, email, role, source, joinedAt, version }
  return db
    .select({ callerRole: caller.callerRole, member })
    .from(caller)
    .leftJoin(page, sql`true`)
    .orderBy(page.joinedAt, page.userId)
})

// The joins read the rows of the members found by a loop over the page.
const found = preparedForGiven<Given, Row[]>('search_members', (db, given) => {
  const caller = gate(db)
  const member = db
    .select()
    .from(members)
    .where(and(eq(members.orgId, orgId), sql`members.user_id = found.user_id`))
    .limit(1)
    .as('members')
  const user = db.select().from(users).where(sql`users.id = found.user_id`).limit(1).as('users')
  return db
    .select({ callerRole: caller.callerRole, member: MEMBER })
    .from(caller)
    .leftJoin(sql`${searched(given)} as found`, sql`true`)
    .leftJoinLateral(member, sql`true`)
    .leftJoinLateral(user, sql`true`)
    .orderBy(sql`found.joined_at, found.user_id`)
    .limit(sql.placeholder('limit'))
})

/**
 * Returns members in the order they joined, at most `limit` + 1 rows: the extra row means that there are more.
 * Undefined when the gate is closed.
 */
export async function listMemberRows(
  db: Sql,
  actor: Actor,
  orgId: string,
  { q, role, after, userId, limit }: MemberFilter,
): Promise<MemberPage | undefined> {
  const rows = await (q === undefined ? listed : found)(db, {
    orgId,
    callerId: callerIdOf(actor),
    limit: limit + 1,
    userId,
    q,
    // Sorts behind everything that begins with `q`.
    qEnd: q === undefined ? undefined : `${q}\u{10FFFF}`,
    // PostgreSQL uses the index of roles above Member only where the statement itself excludes Members.
    plain: role === 'member' || undefined,
    above: role === 'member' ? undefined : role,
    afterJoinedAt: after?.joinedAt.toISOString(),
    afterUserId: after?.userId,
  })
  const [first] = rows
  return (
    first && {
      callerRole: first.callerRole,
      rows: rows.flatMap(({ member }) => (member?.userId ? (member as Member) : [])),
    }
  )
}
