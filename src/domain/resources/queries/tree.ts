import { and, eq, getTableColumns, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { type Sql, type Tx, theOne } from '../../../db/client.ts'
import { violatedConstraint } from '../../../db/errors.ts'
import { prepared, preparedForGiven } from '../../../db/statement.ts'
import { resources } from '../../../db/tables/resources.ts'
import { callerIdOf, gateOf } from '../../access/queries/gate.ts'
import { roleOnResource } from '../../access/queries/reasons.ts'
import type { Actor } from '../../actor.ts'
import { DomainError } from '../../errors.ts'
import { type Resource, type TreePlace, tooDeep } from '../resource.ts'
import type { SeenResource } from '../rights.ts'

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

/** Returns undefined when the gate is closed. */
export async function findResource(
  db: Sql,
  actor: Actor,
  orgId: string,
  resourceId: string,
): Promise<SeenResource | undefined> {
  const [found] = await resourceBehindGate(db, { callerId: callerIdOf(actor), orgId, resourceId })
  return found
}

export type NewResource = Pick<Resource, 'orgId' | 'type' | 'name'> &
  Partial<Pick<Resource, 'externalId' | 'metadata'>>

export function newResourceId(): string {
  return uuidv7()
}

const resourceInserted = prepared('insert_resource', (db) =>
  db
    .insert(resources)
    .values({
      orgId: sql.placeholder('orgId'),
      id: sql.placeholder('id'),
      parentId: sql.placeholder('parentId'),
      path: sql.placeholder('path'),
      type: sql.placeholder('type'),
      name: sql.placeholder('name'),
      externalId: sql.placeholder('externalId'),
      metadata: sql.placeholder('metadata'),
    })
    .returning(RESOURCE),
)

/** @throws external_id_taken, resource_too_deep. */
export async function insertResource(
  tx: Tx,
  resource: NewResource & TreePlace & { readonly id: string },
): Promise<Resource> {
  const values = { externalId: null, metadata: {}, ...resource }
  const [inserted] = await resourceInserted(tx, values).catch(refuseMisfit)
  return theOne(inserted)
}

export type ResourceChange = Partial<Pick<Resource, 'name' | 'externalId' | 'metadata'>>

type Edit = Pick<Resource, 'orgId' | 'id'> & {
  readonly [K in keyof ResourceChange]: string | null | undefined
}

const resourceUpdated = preparedForGiven<Edit, Resource[]>('update_resource', (db, given) =>
  db
    .update(resources)
    .set({
      ...(given.has('name') && { name: sql`${sql.placeholder('name')}` }),
      ...(given.has('externalId') && { externalId: sql`${sql.placeholder('externalId')}` }),
      ...(given.has('metadata') && { metadata: sql`${sql.placeholder('metadata')}::jsonb` }),
      version: sql`${resources.version} + 1`,
      updatedAt: sql`now()`,
    })
    .where(and(eq(resources.orgId, sql.placeholder('orgId')), eq(resources.id, sql.placeholder('id'))))
    .returning(RESOURCE),
)

/** @throws external_id_taken. */
export async function updateResourceRow(
  tx: Tx,
  { orgId, id }: Resource,
  { name, externalId, metadata }: ResourceChange,
): Promise<Resource> {
  const values = { orgId, id, name, externalId, metadata: metadata && JSON.stringify(metadata) }
  const [updated] = await resourceUpdated(tx, values).catch(refuseMisfit)
  return theOne(updated)
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

/** Returns those of the ids that are resources of the organisation. */
export async function findExistingResources(
  tx: Tx,
  orgId: string,
  ids: readonly string[],
): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
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
