import { and, type SQL, sql } from 'drizzle-orm'
import type { Role } from '../../roles.ts'

// NEAR: the members, in the order they joined, that are read before anything else is tried. FEW: the people of one name
// that are looked up among the members of an organisation, at most.
const NEAR = 2_000
const FEW = 5_000

/** The parameters of the lists of members. An undefined one is no condition. */
export interface Given {
  readonly orgId: string
  readonly callerId: string | null
  readonly limit: number
  readonly userId?: string | undefined
  /** The beginning of a name or an address, and a text that sorts behind all that begins so. */
  readonly q?: string | undefined
  readonly qEnd?: string | undefined
  /** Only members with the role Member. */
  readonly plain?: true | undefined
  /** Only members with this role, which is not Member. */
  readonly above?: Role | undefined
  readonly afterJoinedAt?: string | undefined
  readonly afterUserId?: string | undefined
}

/**
 * Builds a lateral subquery with `user_id` and `joined_at` of the members whose name or address begins with `q`, in the
 * order they joined. No statistics tell whether they are found sooner among the members or among the people, so the
 * query tries:
 *
 * 1. the members who come next: enough in most organisations, and for most beginnings;
 * 2. if these do not suffice, the people with such a name anywhere, when they are few;
 * 3. if they are many, all members: enough of them match.
 *
 * So a rare name costs no more in an organisation of a million than in one of thousands. A name is costly when many
 * have it elsewhere, but nobody here. Each step is a loop over an index, whatever the planner estimates.
 */
export function searched(given: ReadonlySet<keyof Given>): SQL {
  const q = sql.placeholder('q')
  const limit = sql`${sql.placeholder('limit')}::int`
  const begins = (column: SQL) => sql`starts_with(lower(${column}), lower(${q}))`
  // Compares by bytes, so that an index serves: from the beginning itself to behind its last continuation.
  const between = (column: SQL) =>
    sql`lower(${column}) ~>=~ lower(${q}) and lower(${column}) ~<~ lower(${sql.placeholder('qEnd')})`
  const known = (column: SQL) =>
    sql`(select id from users where ${between(column)} order by lower(${column}) using ~<~ limit ${sql.raw(String(FEW))})`
  const near = sql.raw(String(NEAR))
  const few = sql.raw(String(FEW))
  const isNext = sql`members.org_id = ${sql.placeholder('orgId')} and ${conditions(given) ?? sql`true`}`
  const next = sql`select user_id, joined_at from members where ${isNext} order by joined_at, user_id`
  const isCalled = sql`cross join lateral (select from users where users.id = next.user_id
    and (${begins(sql`name`)} or ${begins(sql`email`)}) limit 1) as matching`
  return sql`lateral (
    with near as materialized (
      select next.* from (${next} limit ${near}) as next ${isCalled} limit ${limit}),
    named as materialized ${known(sql`name`)},
    addressed as materialized ${known(sql`email`)},
    way as materialized (select case
      when (select count(*) from near) >= ${limit} or (select count(*) from (${next} limit ${near}) as next) < ${near} then 1
      when (select count(*) from named) < ${few} and (select count(*) from addressed) < ${few} then 2
      else 3 end as way)
    (select user_id, joined_at from near where (select way = 1 from way))
    union all
    (select member.user_id, joined_at from (select id from named union select id from addressed) as person
      cross join lateral (select user_id, joined_at from members
        where user_id = person.id and ${isNext} limit 1) as member
      where (select way = 2 from way) order by joined_at, user_id limit ${limit})
    union all
    (select next.* from (${next}) as next ${isCalled}
      where (select way = 3 from way) order by joined_at, user_id limit ${limit}))`
}

/** Builds conditions on the row of `members`. */
export function conditions(given: ReadonlySet<keyof Given>): SQL | undefined {
  const when = (name: keyof Given, condition: SQL) => (given.has(name) ? condition : undefined)
  return and(
    when('userId', sql`members.user_id = ${sql.placeholder('userId')}`),
    when('plain', sql`members.role = 'member'`),
    // Excludes Members a second time: PostgreSQL uses the index of roles above Member only if no parameter decides on
    // it.
    when('above', sql`members.role = ${sql.placeholder('above')} and members.role <> 'member'`),
    // Reads one range of the index on `joined_at`.
    when(
      'afterUserId',
      sql`(members.joined_at, members.user_id) >
        (${sql.placeholder('afterJoinedAt')}::timestamptz, ${sql.placeholder('afterUserId')}::text)`,
    ),
  )
}
