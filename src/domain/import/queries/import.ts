import { inArray, sql } from 'drizzle-orm'
import type { Tx } from '../../../db/client.ts'
import { orgs } from '../../../db/tables/orgs.ts'
import type { By } from '../../actor.ts'
import type { Org } from '../../orgs/org.ts'
import { ORG } from '../../orgs/queries/columns.ts'
import type { Resource } from '../../resources/resource.ts'
import type { ToGrant } from '../judge.ts'
import { grantKey, memberKey, type NamedOrg, resourceKey, type TreeNode } from '../known.ts'
import type { OrgLine } from '../line.ts'
import type { Person } from '../people.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * Finds organisations by the name in a line, their `externalId` or Muster's id. Locks them in the order that all
 * transactions use, and returns them as they are under the lock.
 */
export async function findAndLockOrgs(tx: Tx, names: readonly string[]): Promise<Map<string, NamedOrg>> {
  const { rows } = await tx.execute<{ name: string; id: string }>(sql`
    select asked.name, org.id
    from unnest(${sql.param([...new Set(names)])}::text[]) as asked (name)
    cross join lateral (
      select id from orgs where external_id = asked.name
      union
      select id from orgs where id = case when asked.name ~* ${UUID.source} then asked.name::uuid end) as org`)
  const ids = [...new Set(rows.map(({ id }) => id))]
  if (ids.length === 0) return new Map()
  const locked = await tx
    .select({ id: orgs.id, deletedAt: orgs.deletedAt })
    .from(orgs)
    .where(inArray(orgs.id, ids))
    .orderBy(orgs.id)
    .for('no key update')
  const isLive = new Map(locked.map(({ id, deletedAt }) => [id, deletedAt === null]))
  const found = new Map<string, NamedOrg>()
  for (const { name, id } of rows) {
    const trouble = found.has(name)
      ? 'it names two organisations, one by its externalId and one by its id'
      : isLive.get(id)
        ? null
        : 'its organisation is deleted'
    if (isLive.has(id)) found.set(name, { id, since: 0, trouble })
  }
  return found
}

/**
 * Inserts people. Keeps what is known of a person, and fills in only what is not. Locks all of them, in the order of
 * ids.
 */
export async function insertPeople(tx: Tx, people: readonly Person[]): Promise<void> {
  await tx.execute(sql`
    insert into users (id, email, email_verified, name, signed_up_at)
    select "userId", email, email is not null and coalesce("emailVerified", false), name, case when "signedUp" then now() end
    from jsonb_to_recordset(${JSON.stringify(people)}::jsonb)
      as told ("userId" text, email text, "emailVerified" boolean, name text, "signedUp" boolean)
    order by "userId"
    on conflict (id) do update set
      email = coalesce(users.email, excluded.email),
      email_verified = case when users.email is null then excluded.email_verified else users.email_verified end,
      name = coalesce(users.name, excluded.name),
      signed_up_at = coalesce(users.signed_up_at, excluded.signed_up_at)
    where (users.email is null and excluded.email is not null) or (users.name is null and excluded.name is not null)
      or (users.signed_up_at is null and excluded.signed_up_at is not null)`)
}

/** Inserts organisations, and returns them by `externalId`. Leaves out those whose slug or `externalId` is taken. */
export async function insertOrgs(tx: Tx, lines: readonly OrgLine[]): Promise<Map<string, Org>> {
  if (lines.length === 0) return new Map()
  const inserted = await tx
    .insert(orgs)
    .values(
      lines.map(({ externalId, name, slug, logoUrl, memberAccess, metadata, namedAfter }) => ({
        externalId,
        name,
        slug: slug ?? null,
        logoUrl: logoUrl ?? null,
        namedAfter: namedAfter ?? null,
        memberAccess: memberAccess ?? ('granted' as const),
        metadata: metadata ?? {},
      })),
    )
    .onConflictDoNothing()
    .returning(ORG)
  return new Map(inserted.map((org) => [org.externalId ?? '', org]))
}

/** Tells whether an organisation exists now that did not when the others were locked. */
export async function hasOrgNamed(tx: Tx, externalIds: readonly string[]): Promise<boolean> {
  if (externalIds.length === 0) return false
  const [found] = await tx
    .select({ id: orgs.id })
    .from(orgs)
    .where(inArray(orgs.externalId, [...externalIds]))
    .limit(1)
  return found !== undefined
}

/** Returns those of these users who are members, by `memberKey`. */
export async function findMembers(
  tx: Tx,
  asked: readonly { orgId: string; userId: string }[],
): Promise<Set<string>> {
  if (asked.length === 0) return new Set()
  const { rows } = await tx.execute<{ orgId: string; userId: string }>(sql`
    select org_id as "orgId", user_id as "userId"
    from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) as asked ("orgId" uuid, "userId" text)
    join members on org_id = asked."orgId" and user_id = asked."userId"`)
  return new Set(rows.map(memberKey))
}

/** Returns resources by `resourceKey`; their name is their `externalId` or Muster's id. Null: the name matches two. */
export async function findResources(
  tx: Tx,
  wanted: readonly { orgId: string; name: string }[],
): Promise<Map<string, TreeNode | null>> {
  if (wanted.length === 0) return new Map()
  const { rows } = await tx.execute<{ orgId: string; name: string; id: string; path: string[] }>(sql`
    select asked."orgId", asked.name, resource.id, resource.path
    from (select distinct "orgId", name
      from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as told ("orgId" uuid, name text)) as asked
    cross join lateral (
      select id, path from resources where org_id = asked."orgId" and external_id = asked.name
      union
      select id, path from resources
        where org_id = asked."orgId" and id = case when asked.name ~* ${UUID.source} then asked.name::uuid end) as resource`)
  const found = new Map<string, TreeNode | null>()
  for (const { orgId, name, id, path } of rows) {
    const key = resourceKey({ orgId, name })
    found.set(key, found.has(key) ? null : { id, path })
  }
  return found
}

/** Inserts resources. Parents must come before what lies below them. */
export async function insertResources(tx: Tx, fresh: readonly Resource[]): Promise<void> {
  if (fresh.length === 0) return
  await tx.execute(sql`
    insert into resources (org_id, id, parent_id, path, type, name, external_id, metadata)
    select "orgId", id, "parentId", array(select jsonb_array_elements_text(path)::uuid), type, name, "externalId",
      metadata
    from jsonb_to_recordset(${JSON.stringify(fresh)}::jsonb) as fresh ("orgId" uuid, id uuid, "parentId" uuid,
      path jsonb, type text, name text, "externalId" text, metadata jsonb)`)
}

/** Returns the roles that these people hold on resources, by `grantKey`. */
export async function findGrants(
  tx: Tx,
  asked: readonly { orgId: string; userId: string }[],
): Promise<Set<string>> {
  if (asked.length === 0) return new Set()
  const { rows } = await tx.execute<{ orgId: string; userId: string; resourceId: string }>(sql`
    select org_id as "orgId", user_id as "userId", resource_id as "resourceId"
    from (select distinct "orgId", "userId"
      from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) as told ("orgId" uuid, "userId" text)) as asked
    join grants on org_id = asked."orgId" and user_id = asked."userId"`)
  return new Set(rows.map(grantKey))
}

export async function insertGrants(tx: Tx, wanted: readonly ToGrant[], by: By): Promise<void> {
  if (wanted.length === 0) return
  await tx.execute(sql`
    insert into grants (org_id, user_id, resource_id, role, granted_by_type, granted_by_id)
    select "orgId", "userId", "resourceId", role, ${by.type}, ${by.id}
    from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb)
      as wanted ("orgId" uuid, "userId" text, "resourceId" uuid, role text)`)
}
