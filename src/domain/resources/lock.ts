import { type Tx, together } from '../../db/client.ts'
import { refuseUnscoped } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { lockOrgFor } from '../orgs/lock.ts'
import { orgNotFound } from '../orgs/org.ts'
import { lockOrg } from '../orgs/queries/locks.ts'
import type { ResourcePermission } from '../roles.ts'
import { findResource } from './queries/tree.ts'
import type { Resource, ResourceWithRole } from './resource.ts'
import { refuseOnResource } from './rights.ts'

/** The place of a resource: its organisation, and where the request names it. */
interface ResourcePlace {
  readonly orgId: string
  readonly resourceId: string
  /** The pointer into the body; absent when the path names the resource. */
  readonly pointer?: string
}

/**
 * Opens a change of a resource: locks the org's row, then reads the resource and the caller's role there. Every change
 * of the tree, its grants or its members takes the same lock.
 *
 * @throws org_not_found, resource_not_found, forbidden.
 */
export async function lockResourceFor(
  tx: Tx,
  actor: Actor,
  permission: ResourcePermission,
  { orgId, resourceId, pointer }: ResourcePlace,
): Promise<ResourceWithRole> {
  if (actor.type === 'service') refuseUnscoped(actor, 'muster:write')
  const [org, seen] = await together(lockOrg(tx, orgId), findResource(tx, actor, orgId, resourceId))
  if (!org) throw orgNotFound()
  return refuseOnResource(actor, seen, permission, pointer)
}

/**
 * Opens a place in the tree for a resource that comes there: below another one or, for null, at the root.
 *
 * @throws org_not_found, resource_not_found, forbidden.
 */
export async function lockParentFor(
  tx: Tx,
  actor: Actor,
  orgId: string,
  parentId: string | null,
): Promise<Resource | null> {
  if (parentId !== null)
    return lockResourceFor(tx, actor, 'resource:create', {
      orgId,
      resourceId: parentId,
      pointer: '/parentId',
    })
  await lockOrgFor(tx, actor, 'resources:create', orgId)
  return null
}
