import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { Sql } from '../../../db/client.ts'
import { preparedForGiven } from '../../../db/statement.ts'
import { members, orgs } from '../../../db/tables/orgs.ts'
import type { Actor, NamedActor } from '../../actor.ts'
import type { Role } from '../../roles.ts'
import { namedActor } from '../../users/queries/named-actor.ts'
import { callerIdOf, gateOf, readsEverything } from './gate.ts'
import { readableIds } from './readable.ts'
import { nameOfSource, reasonsAt, strongestFirst } from './reasons.ts'

/** One reason why a user has a right. */
export interface Reason {
  readonly role: Role
  /** The place where the role was given: the organisation, or a resource. */
  readonly source: { readonly type: 'organization' | 'resource'; readonly id: string; readonly name: string }
  readonly since: Date
  /** Null when it was not recorded, as before there were resources. */
  readonly grantedBy: NamedActor | null
}

/** A place where a user has a right, and all the reasons. The first reason is the one that counts. */
export interface PlaceWithReasons {
  /** Null: the organisation itself. */
  readonly resource: PlainResource | null
  readonly reasons: Reason[]
}

interface PlainResource {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly parentId: string | null
}

export interface AccessFilter {
  readonly resourceId?: string | undefined
  /** The id of a resource, or the nil UUID to start behind the organisation. */
  readonly after?: string | undefined
  readonly limit: number
}

/** A type as PostgreSQL's `json_build_object` writes it: without Dates. */
type Written<T> = { [K in keyof T]: T[K] extends Date ? string : T[K] }

type Given = AccessFilter & {
  readonly callerId: string | null
  readonly orgId: string
  readonly userId: string
}

interface PageRow {
  readonly callerRole: Role | null
  readonly userId: string | null
  readonly resource: PlainResource | null
  readonly reasons: Written<Reason>[] | null
}

const accessPage = preparedForGiven<Given, PageRow[]>('access', (db, given) => {
  const gate = gateOf(db, sql.placeholder('callerId'), sql.placeholder('orgId'))
  return (
    db
      .select({
        callerRole: gate.callerRole,
        userId: members.userId,
        resource: sql<PlainResource | null>`case when place.id is not null then json_build_object(
        'id', place.id, 'type', place.type, 'name', place.name, 'parentId', place.parent_id) end`,
        reasons: sql<Written<Reason>[] | null>`because.reasons`,
      })
      .from(gate)
      .innerJoin(orgs, eq(orgs.id, gate.orgId))
      .leftJoin(members, and(eq(members.orgId, gate.orgId), eq(members.userId, sql.placeholder('userId'))))
      .leftJoin(sql`${placesOf(given)} as place`, sql`true`)
      // Without a place there is nothing to reach, not even for a role that reaches everywhere.
      .leftJoin(sql`${reasonsOf(sql`place.path`)} as because`, sql`place.path is not null`)
      .orderBy(sql`place.id nulls first`)
      .limit(sql.placeholder('limit'))
  )
})

function placesOf(given: ReadonlySet<keyof Given>): SQL {
  const member = { orgId: sql`members.org_id`, userId: sql`members.user_id`, readsAll: readsEverything }
  const wanted = and(
    given.has('resourceId') ? sql`resources.id = ${sql.placeholder('resourceId')}` : undefined,
    given.has('after') ? sql`resources.id > ${sql.placeholder('after')}` : undefined,
  )
  const withOrg = wanted === undefined ? sql`members.user_id is not null` : sql`false`
  return sql`lateral (
    select null::uuid as id, null as type, null as name, null::uuid as parent_id, '{}'::uuid[] as path
    where ${withOrg}
    union all
    select resource.id, resource.type, resource.name, resource.parent_id, resource.path
    from ${readableIds(member, wanted ?? sql`true`, sql.placeholder('limit'))} as page
    cross join lateral (select resources.* from resources
      where resources.org_id = members.org_id and resources.id = page.id offset 0) as resource)`
}

function reasonsOf(path: SQL): SQL {
  return sql`lateral (
    select json_agg(json_build_object(
      'role', reasons.role,
      'source', json_build_object(
        'type', case when reasons.resource_id is null then 'organization' else 'resource' end,
        'id', coalesce(reasons.resource_id, orgs.id),
        'name', coalesce(${nameOfSource()}, orgs.name)),
      'since', reasons.since,
      'grantedBy', case when reasons.granted_by_id is not null
        then ${namedActor(sql`reasons.granted_by_type`, sql`reasons.granted_by_id`)} end)
      order by ${strongestFirst}) as reasons
    from ${reasonsAt(path)} as reasons)`
}

/**
 * Returns the organisation first, then each resource that the member may read, in the order of creation. Returns at
 * most `limit` + 1 places: the extra one means that there are more. Undefined when the gate is closed.
 */
export async function findAccess(
  db: Sql,
  actor: Actor,
  whose: { orgId: string; userId: string },
  filter: AccessFilter,
): Promise<{ callerRole: Role | null; isMember: boolean; places: PlaceWithReasons[] } | undefined> {
  const rows = await accessPage(db, {
    ...filter,
    ...whose,
    callerId: callerIdOf(actor),
    limit: filter.limit + 1,
  })
  const [first] = rows
  if (!first) return undefined
  return {
    callerRole: first.callerRole,
    isMember: first.userId !== null,
    places: rows.flatMap(({ resource, reasons }) =>
      reasons ? { resource, reasons: reasons.map(read) } : [],
    ),
  }
}

function read({ since, ...reason }: Written<Reason>): Reason {
  return { ...reason, since: new Date(since) }
}
