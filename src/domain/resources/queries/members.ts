import { and, eq, sql } from 'drizzle-orm'
import type { Sql } from '../../../db/client.ts'
import { prepared } from '../../../db/statement.ts'
import { members, orgs, users } from '../../../db/tables/orgs.ts'
import { grants, resources } from '../../../db/tables/resources.ts'
import { callerIdOf, gateOf } from '../../access/queries/gate.ts'
import { nameOfSource, reasonsAt, roleOnResource, strongestFirst } from '../../access/queries/reasons.ts'
import type { Actor } from '../../actor.ts'
import type { Role } from '../../roles.ts'
import type { Resource } from '../resource.ts'
import { RESOURCE } from './tree.ts'

/** A user with a right on a resource, wherever it comes from. */
export interface EffectiveMember {
  readonly userId: string
  readonly name: string | null
  readonly email: string | null
  readonly role: Role
  readonly source: 'direct' | 'inherited'
  /**
   * The place where the role was given: this resource, one above it (named to callers who may read that), or the
   * organisation.
   */
  readonly from: {
    readonly type: 'organization' | 'resource'
    readonly id: string
    readonly name: string | null
  }
  /** The grant on this very resource, which may be less than the role; its version is for `If-Match`. */
  readonly grant: { readonly role: Role; readonly version: number } | null
}

interface EffectiveMemberPage {
  readonly callerRole: Role | null
  readonly resource: Resource | null
  /** The caller's own role. */
  readonly role: Role | null
  readonly rows: EffectiveMember[]
}

const callerId = sql.placeholder('callerId')
const after = sql.placeholder('after')
const limit = sql.placeholder('limit')

/**
 * True when the caller may read a resource on the way up, called `source`: by reading everything, or by a grant there
 * or above.
 */
const readByCaller = sql`(gate.reads_all or exists (select from unnest(source.path) as place (id)
    cross join lateral (select from grants as own where own.org_id = source.org_id
      and own.user_id = ${callerId}::text and own.resource_id = place.id offset 0) as own))`

/**
 * Selects all users with any right on the row of `resources` in scope. Each way to have one is a range of an index,
 * read no further than the page goes.
 */
const peopleWithRights = sql`lateral (
    (select members.user_id from members
      where members.org_id = resources.org_id and members.role <> 'member' and members.user_id > ${after}
      order by members.user_id limit ${limit})
    union
    (select members.user_id from members
      where (select orgs.member_access from orgs where orgs.id = resources.org_id) = 'all'
        and members.org_id = resources.org_id and members.user_id > ${after}
      order by members.user_id limit ${limit})
    union
    select granted.user_id from unnest(resources.path) as place (id)
    cross join lateral (select grants.user_id from grants
      where grants.org_id = resources.org_id and grants.resource_id = place.id and grants.user_id > ${after}
      order by grants.user_id limit ${limit}) as granted
    order by user_id limit ${limit})`

const page = prepared('effective_members', (db) => {
  const gate = gateOf(db, callerId, sql.placeholder('orgId'))
  return db
    .select({
      callerRole: gate.callerRole,
      resource: RESOURCE,
      role: roleOnResource(callerId),
      person: { userId: users.id, name: users.name, email: users.email },
      standing: {
        role: sql<Role>`standing.role`,
        grantedOn: sql<string | null>`standing.resource_id`,
        grantedOnName: sql<string | null>`standing.name`,
        orgName: sql<string>`orgs.name`,
      },
      grant: { role: grants.role, version: grants.version },
    })
    .from(gate)
    .leftJoin(
      resources,
      and(eq(resources.orgId, gate.orgId), eq(resources.id, sql.placeholder('resourceId'))),
    )
    .leftJoin(sql`${peopleWithRights} as people`, sql`true`)
    .leftJoin(users, eq(users.id, sql`people.user_id`))
    .leftJoin(orgs, eq(orgs.id, gate.orgId))
    .leftJoin(members, and(eq(members.orgId, gate.orgId), eq(members.userId, users.id)))
    .leftJoin(
      sql`lateral (
        select reasons.role, reasons.resource_id, ${nameOfSource(readByCaller)} as name
        from ${reasonsAt(sql`resources.path`)} as reasons
        order by ${strongestFirst} limit 1) as standing`,
      sql`true`,
    )
    .leftJoin(
      grants,
      and(eq(grants.orgId, gate.orgId), eq(grants.userId, users.id), eq(grants.resourceId, resources.id)),
    )
    .orderBy(users.id)
})

/**
 * Returns rows by user id, at most `limit` + 1: the extra row means that there are more. Undefined when the gate is
 * closed.
 */
export async function listEffectiveMembers(
  db: Sql,
  actor: Actor,
  place: { orgId: string; resourceId: string },
  { after = '', limit }: { after?: string | undefined; limit: number },
): Promise<EffectiveMemberPage | undefined> {
  const rows = await page(db, { ...place, callerId: callerIdOf(actor), after, limit: limit + 1 })
  const [first] = rows
  return (
    first && {
      callerRole: first.callerRole,
      resource: first.resource,
      role: first.role,
      rows: rows.flatMap(({ resource, person, standing, grant }) => {
        if (!resource || !person) return []
        const { role, grantedOn, grantedOnName, orgName } = standing
        const from = grantedOn
          ? { type: 'resource' as const, id: grantedOn, name: grantedOnName }
          : { type: 'organization' as const, id: resource.orgId, name: orgName }
        const source = grantedOn === resource.id ? ('direct' as const) : ('inherited' as const)
        return { ...person, role, source, from, grant }
      }),
    }
  )
}
