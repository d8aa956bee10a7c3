import { and, eq, gt, isNull, type SQL, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { type Sql, type Tx, theOne } from '../../../db/client.ts'
import { violatedConstraint } from '../../../db/errors.ts'
import { prepared, preparedForGiven } from '../../../db/statement.ts'
import { members, orgs } from '../../../db/tables/orgs.ts'
import { callerIdOf, gateOf } from '../../access/queries/gate.ts'
import type { Actor } from '../../actor.ts'
import { DomainError } from '../../errors.ts'
import type { Role } from '../../roles.ts'
import { type Org, type OrgWithRole, RESTORABLE_DAYS } from '../org.ts'
import { ORG } from './columns.ts'

const isThis = eq(orgs.id, sql.placeholder('orgId'))

const lockedOrg = prepared('lock_org', (db) =>
  db
    .select(ORG)
    .from(orgs)
    .where(and(isThis, isNull(orgs.deletedAt)))
    .for('no key update'),
)

/** Everybody who changes an org, its members or its invitations waits here for everybody else who does. */
export async function lockOrg(tx: Tx, orgId: string): Promise<Org | undefined> {
  const [org] = await lockedOrg(tx, { orgId })
  return org
}

export type NewOrg = Pick<Org, 'name'> &
  Partial<Pick<Org, 'slug' | 'metadata' | 'externalId'>> & {
    /** The person whose organisation it is called. */
    readonly namedAfter?: string
  }

export function newOrgId(): string {
  return uuidv7()
}

const orgInserted = prepared('insert_org', (db) =>
  db
    .insert(orgs)
    .values({
      id: sql.placeholder('id'),
      name: sql.placeholder('name'),
      slug: sql.placeholder('slug'),
      metadata: sql.placeholder('metadata'),
      externalId: sql.placeholder('externalId'),
      namedAfter: sql.placeholder('namedAfter'),
    })
    .returning(ORG),
)

/** @throws slug_taken, external_id_taken. */
export async function insertOrg(tx: Tx, org: NewOrg & { readonly id: string }): Promise<Org> {
  const values = { slug: null, metadata: {}, externalId: null, namedAfter: null, ...org }
  const [inserted] = await orgInserted(tx, values).catch(refuseTaken)
  return theOne(inserted)
}

export type OrgChange = Partial<Pick<Org, 'name' | 'slug' | 'logoUrl' | 'memberAccess' | 'metadata'>>

type Edit = { readonly orgId: string } & { readonly [K in keyof OrgChange]?: string | null | undefined }

const orgUpdated = preparedForGiven<Edit, Org[]>('update_org', (db, given) => {
  const set = (name: keyof OrgChange, value = sql`${sql.placeholder(name)}`) =>
    given.has(name) && { [name]: value }
  return db
    .update(orgs)
    .set({
      ...set('name'),
      ...set('slug'),
      ...set('logoUrl'),
      ...set('memberAccess'),
      ...set('metadata', sql`${sql.placeholder('metadata')}::jsonb`),
      ...(given.has('name') && { namedAfter: null }),
      version: sql`${orgs.version} + 1`,
      updatedAt: sql`now()`,
    })
    .where(isThis)
    .returning(ORG)
})

/** @throws slug_taken. */
export async function updateOrgRow(tx: Tx, orgId: string, change: OrgChange): Promise<Org> {
  const metadata = change.metadata && JSON.stringify(change.metadata)
  const [org] = await orgUpdated(tx, { ...change, metadata, orgId }).catch(refuseTaken)
  return theOne(org)
}

const orgDeletion = prepared('mark_org_deleted', (db) =>
  db
    .update(orgs)
    .set({ deletedAt: sql`now()`, version: sql`${orgs.version} + 1` })
    .where(isThis),
)

export async function markDeleted(tx: Tx, orgId: string): Promise<void> {
  await orgDeletion(tx, { orgId })
}

const lockedRestorableOrg = prepared('lock_restorable_org', (db) =>
  db
    .select({ ...ORG, deletedAt: orgs.deletedAt })
    .from(orgs)
    .where(
      and(
        isThis,
        sql`(${orgs.deletedAt} is null or ${orgs.deletedAt} > now() - make_interval(days => ${RESTORABLE_DAYS}))`,
      ),
    )
    .for('no key update'),
)

/** Also takes a live one, so that a second restore finds what the first one left. */
export async function lockRestorableOrg(
  tx: Tx,
  orgId: string,
): Promise<(Org & { deletedAt: Date | null }) | undefined> {
  const [org] = await lockedRestorableOrg(tx, { orgId })
  return org
}

const orgRestoration = prepared('unmark_org_deleted', (db) =>
  db
    .update(orgs)
    .set({ deletedAt: null, version: sql`${orgs.version} + 1`, updatedAt: sql`now()` })
    .where(isThis)
    .returning(ORG),
)

export async function unmarkDeleted(tx: Tx, orgId: string): Promise<Org> {
  const [org] = await orgRestoration(tx, { orgId })
  return theOne(org)
}

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
  // A loop: of somebody in thousands, all organisations up to the cursor would be read instead.
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

/** Live orgs by id, those of one person with the role there; one row more than `limit` when there is more. */
export async function listOrgRows(db: Sql, { limit, ...filter }: OrgFilter): Promise<OrgWithRole[]> {
  const page = { ...filter, limit: limit + 1 }
  return filter.userId === undefined ? liveOrgs(db, page) : orgsOfUser(db, page)
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
