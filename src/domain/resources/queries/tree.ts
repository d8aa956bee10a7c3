import { and, eq, getTableColumns, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { type Sql, type Tx, theOne } from '../../../db/client.ts'
import { violatedConstraint } from '../../../db/errors.ts'
import { prepared } from '../../../db/statement.ts'
import { resources } from '../../../db/tables/resources.ts'
import { callerIdOf, gateOf } from '../../access/queries/gate.ts'
import { isWithin } from '../../access/queries/readable.ts'
import { roleOnResource } from '../../access/queries/reasons.ts'
import type { Actor } from '../../actor.ts'
import { DomainError } from '../../errors.ts'
import type { Role } from '../../roles.ts'
import { branchTooLarge, MAX_BRANCH, type Resource, tooDeep } from '../resource.ts'

export const RESOURCE = getTableColumns(resources)

const resourceBehindGate = prepared('resource', (db) => {
  const callerId = sql.placeholder('callerId')
  const gate = gateOf(db, callerId, sql.placeholder('orgId'))
  return db
    .select({ callerRole: gate.callerRole, resource: RESOURCE, role: roleOnResource(callerId) })
    .from(gate)
    .leftJoin(
      resources,
      and(eq(resources.orgId, gate.orgId), eq(resources.id, sql.placeholder('resourceId'))),
    )
})

/** A resource, and what the caller's role comes to there. Undefined behind a closed gate. */
export interface Found {
  readonly callerRole: Role | null
  readonly resource: Resource | null
  readonly role: Role | null
}

export async function findResource(
  db: Sql,
  actor: Actor,
  orgId: string,
  resourceId: string,
): Promise<Found | undefined> {
  const [found] = await resourceBehindGate(db, { callerId: callerIdOf(actor), orgId, resourceId })
  return found
}

export type NewResource = Pick<Resource, 'orgId' | 'type' | 'name'> &
  Partial<Pick<Resource, 'externalId' | 'metadata'>>

/** @throws external_id_taken, resource_too_deep. */
export async function insertResource(
  tx: Tx,
  resource: NewResource,
  parent: Resource | null,
): Promise<Resource> {
  const id = uuidv7()
  const [inserted] = await tx
    .insert(resources)
    .values({ ...resource, id, parentId: parent?.id ?? null, path: [...(parent?.path ?? []), id] })
    .returning(RESOURCE)
    .catch(refuseMisfit)
  return theOne(inserted)
}

export type ResourceChange = Partial<Pick<Resource, 'name' | 'externalId' | 'metadata'>>

/** @throws external_id_taken. */
export async function updateResourceRow(
  tx: Tx,
  { orgId, id }: Resource,
  change: ResourceChange,
): Promise<Resource> {
  const [updated] = await tx
    .update(resources)
    .set({ ...change, version: sql`${resources.version} + 1`, updatedAt: sql`now()` })
    .where(and(eq(resources.orgId, orgId), eq(resources.id, id)))
    .returning(RESOURCE)
    .catch(refuseMisfit)
  return theOne(updated)
}

/** @throws branch_too_large, so that nobody waits for a statement that cannot end in time. */
export async function refuseLargeBranch(tx: Tx, { orgId, path }: Resource): Promise<void> {
  const [beyond] = await tx
    .select({ id: resources.id })
    .from(resources)
    .where(and(eq(resources.orgId, orgId), isWithin(sql`${sql.param(path)}::uuid[]`)))
    .offset(MAX_BRANCH)
    .limit(1)
  if (beyond) throw branchTooLarge()
}

/** Gives the resource and all below it their new place, in one statement. @throws resource_too_deep. */
export async function moveBranch(
  tx: Tx,
  { orgId, id, path }: Resource,
  parent: Resource | null,
): Promise<void> {
  await tx
    .update(resources)
    .set({
      parentId: sql`case when id = ${id} then ${parent?.id ?? null}::uuid else parent_id end`,
      path: sql`${sql.param(parent?.path ?? [])}::uuid[] || path[${path.length}:]`,
    })
    .where(and(eq(resources.orgId, orgId), isWithin(sql`${sql.param(path)}::uuid[]`)))
    .catch(refuseMisfit)
}

/** All below it too; grants and invoice information go with their resources. Answers how many went. */
export async function deleteBranch(tx: Tx, { orgId, path }: Resource): Promise<number> {
  const { rowCount } = await tx
    .delete(resources)
    .where(and(eq(resources.orgId, orgId), isWithin(sql`${sql.param(path)}::uuid[]`)))
  return rowCount ?? 0
}

const existing = prepared('existing_resources', (db) =>
  db
    .select({ id: resources.id })
    .from(resources)
    .where(
      and(
        eq(resources.orgId, sql.placeholder('orgId')),
        sql`${resources.id} = any(${sql.placeholder('ids')}::uuid[])`,
      ),
    ),
)

/** Which of the ids are resources of the organisation. */
export async function findExisting(tx: Tx, orgId: string, ids: readonly string[]): Promise<Set<string>> {
  const found = await existing(tx, { orgId, ids })
  return new Set(found.map(({ id }) => id))
}

function refuseMisfit(error: unknown): never {
  const constraint = violatedConstraint(error)
  if (constraint === 'resources_depth') throw tooDeep()
  if (constraint === 'resources_external_id')
    throw new DomainError(
      'external_id_taken',
      'Another resource of this organisation has this `externalId`.',
      {
        pointer: '/externalId',
      },
    )
  throw error
}
