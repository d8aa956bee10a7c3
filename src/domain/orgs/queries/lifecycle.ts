import { eq, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { type Tx, theOne } from '../../../db/client.ts'
import { violatedConstraint } from '../../../db/errors.ts'
import { prepared, preparedForGiven } from '../../../db/statement.ts'
import { orgs } from '../../../db/tables/orgs.ts'
import { DomainError } from '../../errors.ts'
import type { Org } from '../org.ts'
import { ORG } from './columns.ts'

const isThis = eq(orgs.id, sql.placeholder('orgId'))

export type NewOrg = Pick<Org, 'name'> &
  Partial<Pick<Org, 'slug' | 'metadata' | 'externalId'>> & {
    /** The user after whom Muster named the organisation. */
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

// The unique indexes alone refuse a value that another org has, deleted orgs included. No read checks it first.
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
