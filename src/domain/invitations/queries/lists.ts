import { and, desc, eq, inArray, isNull, lt, type SQL, sql } from 'drizzle-orm'
import { type Sql, theOne } from '../../../db/client.ts'
import { preparedForGiven } from '../../../db/statement.ts'
import { invitations } from '../../../db/tables/invitations.ts'
import { orgs } from '../../../db/tables/orgs.ts'
import { callerIdOf, gateOf } from '../../access/queries/gate.ts'
import type { Actor, User } from '../../actor.ts'
import type { Role } from '../../roles.ts'
import { verifiedEmailOf } from '../../users/user.ts'
import type { Key } from '../claim.ts'
import type { Invitation, Status } from '../invitation.ts'
import type { Recent } from '../limits.ts'
import { opens } from './claims.ts'
import { INVITATION, inviterIsAdmin, openTo } from './columns.ts'
import { guesses } from './guesses.ts'

export interface InvitationFilter {
  readonly id?: string | undefined
  readonly status?: Status | undefined
  readonly email?: string | undefined
  readonly role?: Role | undefined
  readonly after?: string | undefined
  readonly limit: number
}

type Given = InvitationFilter & {
  readonly orgId: string
  readonly callerId: string | null
  readonly isExpired?: true | undefined
}

type PageRow = {
  readonly callerRole: Role | null
  readonly invitation: Invitation | null
  readonly id: string | null
}

const invitationPage = preparedForGiven<Given, PageRow[]>('invitations', (db, given) => {
  const gate = gateOf(db, sql.placeholder('callerId'), sql.placeholder('orgId'))
  const page = db
    .select({ id: invitations.id })
    .from(invitations)
    .where(and(eq(invitations.orgId, sql.placeholder('orgId')), ...conditions(given)))
    .orderBy(desc(invitations.id))
    .limit(sql.placeholder('limit'))
    .as('page')
  // The lateral join is a loop over the page. Otherwise PostgreSQL would read all invitations of an organisation of
  // which it expects few.
  const invitation = db
    .select()
    .from(invitations)
    .where(and(eq(invitations.orgId, sql.placeholder('orgId')), eq(invitations.id, page.id)))
    .limit(1)
    .as('invitations')
  return db
    .select({ callerRole: gate.callerRole, invitation: INVITATION, id: page.id })
    .from(gate)
    .leftJoin(page, sql`true`)
    .leftJoinLateral(invitation, sql`true`)
    .orderBy(desc(page.id))
})

function conditions(given: ReadonlySet<keyof Given>): (SQL | undefined)[] {
  return [
    given.has('id') ? eq(invitations.id, sql.placeholder('id')) : undefined,
    given.has('status') ? and(hasStatus(given), eq(INVITATION.status, sql.placeholder('status'))) : undefined,
    given.has('email') ? eq(invitations.email, sql.placeholder('email')) : undefined,
    given.has('role') ? eq(invitations.role, sql.placeholder('role')) : undefined,
    given.has('after') ? lt(invitations.id, sql.placeholder('after')) : undefined,
  ]
}

/** Compares the status as it is stored, which an index has: one range of it, except for what has lapsed. */
function hasStatus(given: ReadonlySet<keyof Given>): SQL {
  return given.has('isExpired')
    ? inArray(invitations.status, ['pending', 'expired'])
    : eq(invitations.status, sql.placeholder('status'))
}

/**
 * Returns the newest first, at most `limit` + 1 rows: the extra row means that there are more. Undefined when the gate
 * is closed.
 */
export async function listInvitationRows(
  db: Sql,
  actor: Actor,
  orgId: string,
  filter: InvitationFilter,
): Promise<{ callerRole: Role | null; rows: Invitation[] } | undefined> {
  const isExpired = filter.status === 'expired' || undefined
  const page = { ...filter, isExpired, orgId, callerId: callerIdOf(actor), limit: filter.limit + 1 }
  const rows = await invitationPage(db, page)
  const [first] = rows
  if (!first) return undefined
  return {
    callerRole: first.callerRole,
    rows: rows.flatMap(({ id, invitation }) => (id === null || invitation === null ? [] : invitation)),
  }
}

const ORG = { id: orgs.id, name: orgs.name, logoUrl: orgs.logoUrl }

interface OpenRow {
  readonly invitation: Invitation
  readonly org: { readonly id: string; readonly name: string; readonly logoUrl: string | null }
}

interface OpenFilter {
  readonly userId: string
  readonly verifiedEmail: string | null
  readonly after?: string | undefined
  readonly limit: number
}

const openPage = preparedForGiven<OpenFilter, OpenRow[]>('open_invitations', (db, given) =>
  db
    .select({ invitation: INVITATION, org: ORG })
    .from(invitations)
    .innerJoin(orgs, eq(orgs.id, invitations.orgId))
    .where(
      and(
        openTo(sql.placeholder('userId'), sql.placeholder('verifiedEmail')),
        given.has('after') ? lt(invitations.id, sql.placeholder('after')) : undefined,
      ),
    )
    .orderBy(desc(invitations.id))
    .limit(sql.placeholder('limit')),
)

/** Returns the bell, the newest first, at most `limit` + 1 rows: the extra row means that there are more. */
export async function listOpenRows(
  db: Sql,
  user: User,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<OpenRow[]> {
  return openPage(db, { userId: user.id, verifiedEmail: verifiedEmailOf(user), after, limit: limit + 1 })
}

/** The invitation that a code leads to, if any, and how often the caller has guessed. */
interface Opened {
  readonly guesses: Recent | null
  readonly inviterIsAdmin: boolean
  readonly invitation: Invitation | null
  readonly org: OpenRow['org'] | null
}

type Held = Key & { readonly triedBy: readonly Buffer[] }

const opened = preparedForGiven<Held, Opened[]>('open_by_key', (db, given) =>
  db
    .select({ guesses, inviterIsAdmin, invitation: INVITATION, org: ORG })
    .from(sql`(values (1)) as one`)
    .leftJoin(invitations, opens(given))
    .leftJoin(orgs, and(eq(orgs.id, invitations.orgId), isNull(orgs.deletedAt))),
)

export async function findByKey(db: Sql, key: Key, triedBy: readonly Buffer[]): Promise<Opened> {
  const [found] = await opened(db, { ...key, triedBy })
  return theOne(found)
}
