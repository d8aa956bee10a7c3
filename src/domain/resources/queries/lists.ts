import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { Sql } from '../../../db/client.ts'
import { preparedForGiven } from '../../../db/statement.ts'
import { resources } from '../../../db/tables/resources.ts'
import { callerIdOf, gateOf } from '../../access/queries/gate.ts'
import { readableIds } from '../../access/queries/readable.ts'
import { roleOnResource } from '../../access/queries/reasons.ts'
import type { Actor } from '../../actor.ts'
import type { Role } from '../../roles.ts'
import type { ResourceWithRole } from '../resource.ts'
import type { SeenResource } from '../rights.ts'
import { RESOURCE } from './tree.ts'

export interface ResourceFilter {
  readonly type?: string | undefined
  /** Null: directly in the organisation. */
  readonly parentId?: string | null | undefined
  readonly externalId?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** The values of the placeholders. `isRoot` stands for a parent that is null: its condition has no value. */
type Given = Omit<ResourceFilter, 'parentId'> & {
  readonly orgId: string
  readonly callerId: string | null
  readonly parentId?: string | undefined
  readonly isRoot?: true | undefined
}

const resourcePage = preparedForGiven<Given, SeenResource[]>('resources', (db, given) => {
  const callerId = sql.placeholder('callerId')
  const gate = gateOf(db, callerId, sql.placeholder('orgId'))
  const caller = { orgId: sql`gate.id`, userId: sql`${callerId}::text`, readsAll: sql`gate.reads_all` }
  return db
    .select({ callerRole: gate.callerRole, resource: RESOURCE, role: roleOnResource(callerId) })
    .from(gate)
    .leftJoin(sql`${readableIds(caller, wanted(given), sql.placeholder('limit'))} as page`, sql`true`)
    .leftJoin(resources, and(eq(resources.orgId, gate.orgId), eq(resources.id, sql`page.id`)))
    .orderBy(sql`page.id`)
})

function wanted(given: ReadonlySet<keyof Given>): SQL {
  const conditions = [
    given.has('type') ? sql`resources.type = ${sql.placeholder('type')}` : undefined,
    given.has('isRoot') ? sql`resources.parent_id is null` : undefined,
    given.has('parentId') ? sql`resources.parent_id = ${sql.placeholder('parentId')}` : undefined,
    given.has('externalId') ? sql`resources.external_id = ${sql.placeholder('externalId')}` : undefined,
    given.has('after') ? sql`resources.id > ${sql.placeholder('after')}` : undefined,
  ]
  return and(...conditions) ?? sql`true`
}

/**
 * Returns what the caller may read, in the order of creation, at most `limit` + 1 rows: the extra row means that there
 * are more. Undefined when the gate is closed.
 */
export async function listResourceRows(
  db: Sql,
  actor: Actor,
  orgId: string,
  { parentId, limit, ...filter }: ResourceFilter,
): Promise<{ callerRole: Role | null; rows: ResourceWithRole[] } | undefined> {
  const rows = await resourcePage(db, {
    ...filter,
    orgId,
    callerId: callerIdOf(actor),
    ...(parentId === null ? { isRoot: true } : { parentId }),
    limit: limit + 1,
  })
  const [first] = rows
  return (
    first && {
      callerRole: first.callerRole,
      rows: rows.flatMap(({ resource, role }) => (resource ? { ...resource, role } : [])),
    }
  )
}
