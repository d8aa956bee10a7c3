import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import { prepared, type Sql, type Tx, theOne } from '../../../db/client.ts'
import { violatedConstraint } from '../../../db/errors.ts'
import { members, orgs } from '../../../db/tables/orgs.ts'
import { callerIdOf, gateOf } from '../../access/queries/gate.ts'
import type { Actor } from '../../actor.ts'
import { DomainError } from '../../errors.ts'
import type { Role } from '../../roles.ts'
import { type Org, type OrgWithRole, RESTORABLE_DAYS } from '../org.ts'
import { ORG } from './columns.ts'

/** Everybody who changes an org, its members or its invitations waits here for everybody else who does. */
export async function lockOrg(tx: Tx, orgId: string): Promise<Org | undefined> {
  const [org] = await tx
    .select(ORG)
    .from(orgs)
    .where(and(eq(orgs.id, orgId), isNull(orgs.deletedAt)))
    .for('no key update')
  return org
}

export type NewOrg = Pick<Org, 'name'> &
  Partial<Pick<Org, 'slug' | 'metadata' | 'externalId'>> & {
    /** The person whose organisation it is called. */
    readonly namedAfter?: string
  }

/** @throws slug_taken, external_id_taken. */
export async function insertOrg(tx: Tx, org: NewOrg): Promise<Org> {
  const [inserted] = await tx.insert(orgs).values(org).returning(ORG).catch(refuseTaken)
  return theOne(inserted)
}

export type OrgChange = Partial<Pick<Org, 'name' | 'slug' | 'logoUrl' | 'memberAccess' | 'metadata'>>

/** @throws slug_taken. */
export async function updateOrgRow(tx: Tx, orgId: string, change: OrgChange): Promise<Org> {
  const [org] = await tx
    .update(orgs)
    .set({
      ...change,
      ...(change.name !== undefined && { namedAfter: null }),
      version: sql`${orgs.version} + 1`,
      updatedAt: sql`now()`,
    })
    .where(eq(orgs.id, orgId))
    .returning(ORG)
    .catch(refuseTaken)
  return theOne(org)
}

export async function markDeleted(tx: Tx, orgId: string): Promise<void> {
  await tx
    .update(orgs)
    .set({ deletedAt: sql`now()`, version: sql`${orgs.version} + 1` })
    .where(eq(orgs.id, orgId))
}

/** Also takes a live one, so that a second restore finds what the first one left. */
export async function lockRestorableOrg(
  tx: Tx,
  orgId: string,
): Promise<(Org & { deletedAt: Date | null }) | undefined> {
  const [org] = await tx
    .select({ ...ORG, deletedAt: orgs.deletedAt })
    .from(orgs)
    .where(
      and(
        eq(orgs.id, orgId),
        sql`(${orgs.deletedAt} is null or ${orgs.deletedAt} > now() - make_interval(days => ${RESTORABLE_DAYS}))`,
      ),
    )
    .for('no key update')
  return org
}

export async function unmarkDeleted(tx: Tx, orgId: string): Promise<Org> {
  const [org] = await tx
    .update(orgs)
    .set({ deletedAt: null, version: sql`${orgs.version} + 1`, updatedAt: sql`now()` })
    .where(eq(orgs.id, orgId))
    .returning(ORG)
  return theOne(org)
}

const orgBehindGate = prepared((db) => {
  const gate = gateOf(db, sql.placeholder('callerId'), sql.placeholder('orgId'))
  return db
    .select({ callerRole: gate.callerRole, org: ORG })
    .from(gate)
    .innerJoin(orgs, eq(orgs.id, gate.orgId))
    .prepare('org')
})

export async function findOrg(
  db: Sql,
  actor: Actor,
  orgId: string,
): Promise<{ callerRole: Role | null; org: Org } | undefined> {
  const [row] = await orgBehindGate(db).execute({ callerId: callerIdOf(actor), orgId })
  return row
}

export interface OrgFilter {
  readonly userId?: string | undefined
  readonly externalId?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** Live orgs by id, those of one person with the role there; one row more than `limit` when there is more. */
export async function listOrgRows(db: Sql, filter: OrgFilter): Promise<OrgWithRole[]> {
  const after = (id: typeof orgs.id | typeof members.orgId) =>
    filter.after === undefined ? undefined : gt(id, filter.after)
  const wanted = and(
    isNull(orgs.deletedAt),
    filter.externalId === undefined ? undefined : eq(orgs.externalId, filter.externalId),
  )
  if (filter.userId === undefined)
    return db
      .select({ ...ORG, role: sql<null>`null` })
      .from(orgs)
      .where(and(wanted, after(orgs.id)))
      .orderBy(orgs.id)
      .limit(filter.limit + 1)
  return db
    .select({ ...ORG, role: members.role })
    .from(members)
    .innerJoin(orgs, eq(orgs.id, members.orgId))
    .where(and(eq(members.userId, filter.userId), wanted, after(members.orgId)))
    .orderBy(members.orgId)
    .limit(filter.limit + 1)
}

// Names of other orgs, deleted ones included, are told apart by the unique indexes alone: no look before the leap.
function refuseTaken(error: unknown): never {
  const constraint = violatedConstraint(error)
  if (constraint === 'orgs_slug')
    throw new DomainError('slug_taken', 'Another organisation has this slug.', { pointer: '/slug' })
  if (constraint === 'orgs_external_id')
    throw new DomainError('external_id_taken', 'Another organisation has this `externalId`.', {
      pointer: '/externalId',
    })
  throw error
}
