import type { Db } from '../../db/client.ts'
import { refuseReader } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { listResourceRows, type ResourceFilter } from './queries/lists.ts'
import { type EffectiveMember, listEffectiveMembers } from './queries/members.ts'
import { findResource } from './queries/tree.ts'
import type { ResourceWithRole } from './resource.ts'
import { refuseResourceReader } from './rights.ts'

/** Exactly what the caller may read; a service, all. One statement. @throws org_not_found, forbidden. */
export async function listResources(
  db: Db,
  actor: Actor,
  { orgId, ...filter }: ResourceFilter & { orgId: string },
): Promise<ResourceWithRole[]> {
  const page = await listResourceRows(db.sql, actor, orgId, filter)
  refuseReader(actor, page, 'org:read')
  return page?.rows ?? []
}

/** @throws org_not_found, resource_not_found, forbidden. One statement. */
export async function getResource(
  db: Db,
  actor: Actor,
  { orgId, resourceId }: { orgId: string; resourceId: string },
): Promise<ResourceWithRole> {
  return refuseResourceReader(actor, await findResource(db.sql, actor, orgId, resourceId), 'resource:read')
}

/** Everybody with a right on the resource, and where it comes from. One statement. @throws as `getResource`. */
export async function listResourceMembers(
  db: Db,
  actor: Actor,
  {
    orgId,
    resourceId,
    ...page
  }: { orgId: string; resourceId: string; after?: string | undefined; limit: number },
): Promise<EffectiveMember[]> {
  const found = await listEffectiveMembers(db.sql, actor, { orgId, resourceId }, page)
  refuseResourceReader(actor, found, 'resource:read')
  return found?.rows ?? []
}
