import type { Db } from '../../db/client.ts'
import { refuseReader } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { listResourceRows, type ResourceFilter } from './queries/lists.ts'
import { findResource } from './queries/tree.ts'
import type { ResourceWithRole } from './resource.ts'
import { refuseResourceReader } from './rights.ts'

/** Lists exactly what the caller may read; for a service, all. Runs one statement. @throws org_not_found, forbidden. */
export async function listResources(
  db: Db,
  actor: Actor,
  { orgId, ...filter }: ResourceFilter & { orgId: string },
): Promise<ResourceWithRole[]> {
  const page = await listResourceRows(db.sql, actor, orgId, filter)
  refuseReader(actor, page, 'org:read')
  return page?.rows ?? []
}

/** Runs one statement. @throws org_not_found, resource_not_found, forbidden. */
export async function getResource(
  db: Db,
  actor: Actor,
  { orgId, resourceId }: { orgId: string; resourceId: string },
): Promise<ResourceWithRole> {
  return refuseResourceReader(actor, await findResource(db.sql, actor, orgId, resourceId), 'resource:read')
}
