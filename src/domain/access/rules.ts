import type { Actor, User } from '../actor.ts'
import { DomainError } from '../errors.ts'
import { orgNotFound } from '../orgs/org.ts'
import { type OrgPermission, type Role, roleAllows } from '../roles.ts'

/** The caller's role, as a read finds it. Undefined when the org is not live or the caller is not in it. */
type Gate = { readonly callerRole: Role | null } | undefined

/**
 * Refuses a read, after its one statement has returned the caller's role. Every GET is open to a service that may read,
 * whatever role a user would need.
 *
 * @throws org_not_found, forbidden.
 */
export function refuseReader(actor: Actor, gate: Gate, permission: OrgPermission): void {
  if (actor.type === 'service') refuseUnscoped(actor, 'muster:read')
  if (!gate) throw orgNotFound()
  if (actor.type === 'user') refuseRole(gate.callerRole, permission)
}

/** @throws org_not_found when the caller is not a member, forbidden when the role does not allow it. */
export function refuseRole(role: Role | null | undefined, permission: OrgPermission): void {
  if (!role) throw orgNotFound()
  if (!roleAllows(role, permission))
    throw new DomainError(
      'forbidden',
      `Your role in this organisation (${role}) does not include ${permission}.`,
    )
}

/** @throws forbidden for a service: the operation is about a person. */
export function refuseService(actor: Actor): asserts actor is User {
  if (actor.type === 'service')
    throw new DomainError('forbidden', 'Only a signed-in user can do this, not a service.')
}

/** @throws forbidden unless the caller is a service with the scope. Writing includes reading. */
export function refuseUnscoped(actor: Actor, scope: 'muster:read' | 'muster:write'): void {
  const scopes: ReadonlySet<string> = actor.type === 'service' ? actor.scopes : new Set()
  if (!scopes.has(scope) && !scopes.has('muster:write'))
    throw new DomainError('forbidden', `This needs a service token with the scope ${scope}.`)
}
