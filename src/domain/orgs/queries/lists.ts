import { and, eq, gt, isNull, type SQL, sql } from 'drizzle-orm'
import type { Sql } from '../../../db/client.ts'
import { prepared, preparedForGiven } from '../../../db/statement.ts'
import { members, orgs } from '../../../db/tables/orgs.ts'
import { callerIdOf, gateOf } from '../../access/queries/gate.ts'
import type { Actor } from '../../actor.ts'
import type { Role } from '../../roles.ts'
import type { Org, OrgWithRole } from '../org.ts'
import { ORG } from './columns.ts'

const orgBehindGate = prepared('org', (db) => {
  const gate = gateOf(db, sql.placeholder('callerId'), sql.placeholder('orgId'))
  return db
    .select({ callerRole: gate.callerRole, org: ORG })
    .from(gate)
    .innerJoin(orgs, eq(orgs.id, gate.orgId))
})

export async function findOrg(
  db: Sql,
  actor: Actor,
  orgId: string,
): Promise<{ callerRole: Role | null; org: Org } | undefined> {
  const [row] = await orgBehindGate(db, { callerId: callerIdOf(actor), orgId })
  return row
}

export interface OrgFilter {
  readonly userId?: string | undefined
  readonly externalId?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

const liveOrgs = preparedForGiven<Omit<OrgFilter, 'userId'>, OrgWithRole[]>('orgs', (db, given) =>
  db
    .select({ ...ORG, role: sql<null>`null` })
    .from(orgs)
    .where(and(isWanted(given), given.has('after') ? gt(orgs.id, sql.placeholder('after')) : undefined))
    .orderBy(orgs.id)
    .limit(sql.placeholder('limit')),
)

const orgsOfUser = preparedForGiven<OrgFilter, OrgWithRole[]>('orgs_of_user', (db, given) => {
  // The lateral join is a loop over the page. Otherwise, for a user in thousands of organisations, PostgreSQL would
  // read all of them up to the cursor.
  const org = db
    .select()
    .from(orgs)
    .where(and(eq(orgs.id, members.orgId), isWanted(given)))
    .limit(1)
    .as('orgs')
  return db
    .select({ ...ORG, role: members.role })
    .from(members)
    .innerJoinLateral(org, sql`true`)
    .where(
      and(
        eq(members.userId, sql.placeholder('userId')),
        given.has('after') ? gt(members.orgId, sql.placeholder('after')) : undefined,
      ),
    )
    .orderBy(members.orgId)
    .limit(sql.placeholder('limit'))
})

function isWanted(given: ReadonlySet<keyof OrgFilter>): SQL | undefined {
  return and(
    isNull(orgs.deletedAt),
    given.has('externalId') ? eq(orgs.externalId, sql.placeholder('externalId')) : undefined,
  )
}

/**
 * Lists live orgs by id; with `userId`, those of one user and their role there. Returns at most `limit` + 1 rows: the
 * extra row means that there are more.
 */
export async function listOrgRows(db: Sql, { limit, ...filter }: OrgFilter): Promise<OrgWithRole[]> {
  const page = { ...filter, limit: limit + 1 }
  return filter.userId === undefined ? liveOrgs(db, page) : orgsOfUser(db, page)
}
