import { type Tx, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { DomainError } from '../errors.ts'
import { lockOrg } from '../orgs/queries/orgs.ts'
import { type Found, findResource } from '../resources/queries/tree.ts'
import { type Resource, type ResourceWithRole, resourceNotFound } from '../resources/resource.ts'
import { type ResourcePermission, roleAllows } from '../roles.ts'
import { lockOrgFor, orgNotFound, refuseUnscoped } from './authorize.ts'

/** Where a resource is: in which organisation, and how the request names it. */
export interface ResourcePlace {
  readonly orgId: string
  readonly resourceId: string
  /** Where in the body; absent: in the path. */
  readonly pointer?: string
}

/**
 * Opens a change of a resource: locks the org's row, as everybody does who changes its tree, its grants or its members;
 * then reads the resource, and what the caller's role comes to there, anew.
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
  const [org, found] = await together(lockOrg(tx, orgId), findResource(tx, actor, orgId, resourceId))
  if (!org) throw orgNotFound()
  return allowed(actor, found, permission, pointer)
}

/**
 * Opens a place in the tree for a resource that is to come there: below another one, or, for null, at the root.
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

/** The same rule for a read, after its one statement. Every GET is open to a service that may read. */
export function readableBy(
  actor: Actor,
  found: Found | undefined,
  permission: ResourcePermission,
): ResourceWithRole {
  if (actor.type === 'service') refuseUnscoped(actor, 'muster:read')
  return allowed(actor, found, permission)
}

function allowed(
  actor: Actor,
  found: Found | undefined,
  permission: ResourcePermission,
  pointer?: string,
): ResourceWithRole {
  if (!found) throw orgNotFound()
  const { resource, role } = found
  if (!resource) throw resourceNotFound(pointer)
  if (actor.type === 'user' && !(role && roleAllows(role, permission)))
    throw new DomainError(
      'forbidden',
      role
        ? `Your role on this resource (${role}) does not include ${permission}.`
        : `You have no role on this resource, and so not ${permission}.`,
    )
  return { ...resource, role }
}
