import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { Sql } from '../../../db/client.ts'
import { resources } from '../../../db/tables/resources.ts'
import { callerIdOf, gateOf } from '../../access/queries/gate.ts'
import { readableIds } from '../../access/queries/readable.ts'
import { roleOnResource } from '../../access/queries/reasons.ts'
import type { Actor } from '../../actor.ts'
import type { Role } from '../../roles.ts'
import type { ResourceWithRole } from '../resource.ts'
import { RESOURCE } from './tree.ts'

export interface ResourceFilter {
  readonly type?: string | undefined
  /** Null: directly in the organisation. */
  readonly parentId?: string | null | undefined
  readonly externalId?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/**
 * What the caller may read, in the order it was created; one row more than `limit` when there is more. Undefined
 * behind a closed gate.
 */
export async function listResourceRows(
  db: Sql,
  actor: Actor,
  orgId: string,
  filter: ResourceFilter,
): Promise<{ callerRole: Role | null; rows: ResourceWithRole[] } | undefined> {
  const callerId = callerIdOf(actor)
  const gate = gateOf(db, callerId, orgId)
  const caller = { orgId: sql`gate.id`, userId: sql`${callerId}::text`, readsAll: sql`gate.reads_all` }
  const rows = await db
    .select({ callerRole: gate.callerRole, resource: RESOURCE, role: roleOnResource(callerId) })
    .from(gate)
    .leftJoin(sql`${readableIds(caller, wanted(filter), filter.limit + 1)} as page`, sql`true`)
    .leftJoin(resources, and(eq(resources.orgId, gate.orgId), eq(resources.id, sql`page.id`)))
    .orderBy(sql`page.id`)
  const [first] = rows
  return (
    first && {
      callerRole: first.callerRole,
      rows: rows.flatMap(({ resource, role }) => (resource ? { ...resource, role } : [])),
    }
  )
}

function wanted({ type, parentId, externalId, after }: ResourceFilter): SQL {
  const conditions = [
    type === undefined ? undefined : sql`resources.type = ${type}`,
    parentId === null ? sql`resources.parent_id is null` : undefined,
    parentId ? sql`resources.parent_id = ${parentId}` : undefined,
    externalId === undefined ? undefined : sql`resources.external_id = ${externalId}`,
    after === undefined ? undefined : sql`resources.id > ${after}`,
  ]
  return and(...conditions) ?? sql`true`
}
