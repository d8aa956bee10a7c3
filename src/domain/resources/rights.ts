import { refuseUnscoped } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { DomainError } from '../errors.ts'
import { orgNotFound } from '../orgs/org.ts'
import { type ResourcePermission, type Role, roleAllows } from '../roles.ts'
import { type Resource, type ResourceWithRole, resourceNotFound } from './resource.ts'

/** A resource with the caller's strongest role there. Undefined when the gate is closed. */
export interface SeenResource {
  readonly callerRole: Role | null
  readonly resource: Resource | null
  readonly role: Role | null
}

/**
 * Refuses a read, after its one statement. Every GET is open to a service that may read.
 *
 * @throws org_not_found, resource_not_found, forbidden.
 */
export function refuseResourceReader(
  actor: Actor,
  seen: SeenResource | undefined,
  permission: ResourcePermission,
): ResourceWithRole {
  if (actor.type === 'service') refuseUnscoped(actor, 'muster:read')
  return refuseOnResource(actor, seen, permission)
}

/**
 * @param pointer points at the resource in the body; absent when the path names it.
 * @throws org_not_found, resource_not_found; forbidden for a user whose role there does not allow it.
 */
export function refuseOnResource(
  actor: Actor,
  seen: SeenResource | undefined,
  permission: ResourcePermission,
  pointer?: string,
): ResourceWithRole {
  if (!seen) throw orgNotFound()
  const { resource, role } = seen
  if (!resource) throw resourceNotFound(pointer)
  if (actor.type === 'user' && !(role && roleAllows(role, permission)))
    throw new DomainError(
      'forbidden',
      role
        ? `Your role on this resource (${role}) does not include ${permission}.`
        : `You have no role on this resource, so you do not have ${permission}.`,
    )
  return { ...resource, role }
}
