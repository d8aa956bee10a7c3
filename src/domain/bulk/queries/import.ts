import { getTableColumns, inArray, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { Tx } from '../../../db/client.ts'
import { orgs } from '../../../db/tables/orgs.ts'
import type { By } from '../../actor.ts'
import type { Org } from '../../orgs/org.ts'
import type { Resource } from '../../resources/resource.ts'
import type { Role } from '../../roles.ts'
import type { ProfileInput } from '../../users/user.ts'
import type { OrgLine, ResourceLine } from '../line.ts'

const { deletedAt: _deletedAt, lastSequence: _lastSequence, ...ORG } = getTableColumns(orgs)

export interface FoundOrg {
  readonly id: string
  readonly deleted: boolean
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** By the name that a line gives them: their `externalId`, or Muster's id. */
export async function findOrgs(tx: Tx, names: readonly string[]): Promise<Map<string, FoundOrg>> {
  const { rows } = await tx.execute<{ name: string; id: string; deleted: boolean }>(sql`
    select asked.name, org.id, org.deleted_at is not null as deleted
    from unnest(${sql.param([...new Set(names)])}::text[]) as asked (name)
    cross join lateral (
      select id, deleted_at from orgs where external_id = asked.name
      union all
      select id, deleted_at from orgs where id = case when asked.name ~* ${UUID.source} then asked.name::uuid end
      limit 1) as org`)
  return new Map(rows.map(({ name, id, deleted }) => [name, { id, deleted }]))
}

/** In the order in which everybody locks several. */
export async function lockOrgs(tx: Tx, found: readonly FoundOrg[]): Promise<void> {
  const ids = [...new Set(found.map(({ id }) => id))]
  if (ids.length > 0)
    await tx
      .select({ id: orgs.id })
      .from(orgs)
      .where(inArray(orgs.id, ids))
      .orderBy(orgs.id)
      .for('no key update')
}

/** What is known of somebody stays; only what is not known is filled in. All of them are locked, in the order of ids. */
export async function insertPeople(
  tx: Tx,
  people: readonly (ProfileInput & { readonly userId: string })[],
): Promise<void> {
  await tx.execute(sql`
    insert into users (id, email, email_verified, name)
    select "userId", email, email is not null and coalesce("emailVerified", false), name
    from jsonb_to_recordset(${JSON.stringify(people)}::jsonb)
      as told ("userId" text, email text, "emailVerified" boolean, name text)
    order by "userId"
    on conflict (id) do update set
      email = coalesce(users.email, excluded.email),
      email_verified = case when users.email is null then excluded.email_verified else users.email_verified end,
      name = coalesce(users.name, excluded.name)
    where (users.email is null and excluded.email is not null) or (users.name is null and excluded.name is not null)`)
}

/** With their Admins. Those whose slug is taken are left out. By their `externalId`. */
export async function insertOrgs(tx: Tx, lines: readonly OrgLine[], by: By): Promise<Map<string, Org>> {
  if (lines.length === 0) return new Map()
  const inserted = await tx
    .insert(orgs)
    .values(
      lines.map(({ externalId, name, slug, logoUrl, memberAccess, metadata }) => ({
        ...{ externalId, name, slug: slug ?? null, logoUrl: logoUrl ?? null },
        ...{ memberAccess: memberAccess ?? ('granted' as const), metadata: metadata ?? {} },
      })),
    )
    .onConflictDoNothing()
    .returning(ORG)
  const byName = new Map(inserted.map((org) => [org.externalId ?? '', org]))
  const admins = lines.flatMap(({ externalId, adminUserId: userId }) => {
    const org = byName.get(externalId)
    return org ? { orgId: org.id, userId, role: 'admin' as const } : []
  })
  await insertMembers(tx, admins, by)
  return byName
}

export interface ToJoin {
  readonly orgId: string
  readonly userId: string
  readonly role: Role
}

/** Those who are members already stay as they are. Answers who is new, as `orgId userId`. */
export async function insertMembers(tx: Tx, wanted: readonly ToJoin[], by: By): Promise<Set<string>> {
  const { rows } = await tx.execute<{ key: string }>(sql`
    insert into members (org_id, user_id, role, source, granted_at, granted_by_type, granted_by_id)
    select "orgId", "userId", role, 'provisioned', now(), ${by.type}, ${by.id}
    from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as wanted ("orgId" uuid, "userId" text, role text)
    on conflict do nothing
    returning org_id || ' ' || user_id as key`)
  return new Set(rows.map(({ key }) => key))
}

/** Where a resource lies, as one that is to come below it has to know. */
export type Place = Pick<Resource, 'id' | 'path'>

/** By `orgId name`, the name being their `externalId` or Muster's id. */
export async function findResources(
  tx: Tx,
  wanted: readonly { orgId: string; name: string }[],
): Promise<Map<string, Place>> {
  const { rows } = await tx.execute<{ orgId: string; name: string; id: string; path: string[] }>(sql`
    select asked."orgId", asked.name, resource.id, resource.path
    from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as asked ("orgId" uuid, name text)
    cross join lateral (
      select id, path from resources where org_id = asked."orgId" and external_id = asked.name
      union all
      select id, path from resources
        where org_id = asked."orgId" and id = case when asked.name ~* ${UUID.source} then asked.name::uuid end
      limit 1) as resource`)
  return new Map(rows.map(({ orgId, name, id, path }) => [`${orgId} ${name}`, { id, path }]))
}

/** As it will be. */
export function newResource(
  orgId: string,
  { externalId, resourceType, name, metadata = {} }: ResourceLine,
  parent: Place | null,
): Resource {
  const id = uuidv7()
  const now = new Date()
  return {
    ...{ id, orgId, parentId: parent?.id ?? null, path: [...(parent?.path ?? []), id] },
    ...{ type: resourceType, name, externalId, metadata, version: 1, createdAt: now, updatedAt: now },
  }
}

/** Parents before what lies in them. */
export async function insertResources(tx: Tx, fresh: readonly Resource[]): Promise<void> {
  if (fresh.length === 0) return
  await tx.execute(sql`
    insert into resources (org_id, id, parent_id, path, type, name, external_id, metadata)
    select "orgId", id, "parentId", array(select jsonb_array_elements_text(path)::uuid), type, name, "externalId",
      metadata
    from jsonb_to_recordset(${JSON.stringify(fresh)}::jsonb) as fresh ("orgId" uuid, id uuid, "parentId" uuid,
      path jsonb, type text, name text, "externalId" text, metadata jsonb)`)
}

export interface ToGrant {
  readonly orgId: string
  readonly userId: string
  readonly resourceId: string
  readonly role: Role
}

/** Roles that are held already stay as they are. Answers which are new, as `orgId userId resourceId`. */
export async function insertGrants(tx: Tx, wanted: readonly ToGrant[], by: By): Promise<Set<string>> {
  const { rows } = await tx.execute<{ key: string }>(sql`
    insert into grants (org_id, user_id, resource_id, role, granted_by_type, granted_by_id)
    select "orgId", "userId", "resourceId", role, ${by.type}, ${by.id}
    from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb)
      as wanted ("orgId" uuid, "userId" text, "resourceId" uuid, role text)
    on conflict do nothing
    returning org_id || ' ' || user_id || ' ' || resource_id as key`)
  return new Set(rows.map(({ key }) => key))
}
