import { type Tx, together } from '../../db/client.ts'
import type { Actor, User } from '../actor.ts'
import { DomainError } from '../errors.ts'
import type { Org } from '../orgs/org.ts'
import { lockOrg } from '../orgs/queries/orgs.ts'
import { type OrgPermission, type Role, roleAllows } from '../roles.ts'
import { findRole } from './queries/gate.ts'

/**
 * Opens a change in an organisation: locks its row, then reads the caller's role anew, so that nobody acts on a
 * role that was taken from them while they waited.
 *
 * @throws org_not_found when it is not live or the caller is no member, forbidden when the role does not allow it.
 */
export async function lockOrgFor(
  tx: Tx,
  actor: Actor,
  permission: OrgPermission,
  orgId: string,
): Promise<Org> {
  if (actor.type === 'service') refuseUnscoped(actor, 'muster:write')
  const [org, role] = await together(
    lockOrg(tx, orgId),
    actor.type === 'user' ? findRole(tx, orgId, actor.id) : undefined,
  )
  if (!org) throw orgNotFound()
  if (actor.type === 'user') refuseRole(role, permission)
  return org
}

/** What a read has to know of its caller: undefined when the org is not live or the caller is not in it. */
export type Gate = { readonly callerRole: Role | null } | undefined

/**
 * The same rule for a read, after its one statement has told the caller's role.
 * Every GET is open to a service that may read, whatever role a person would need.
 */
export function refuseReader(actor: Actor, gate: Gate, permission: OrgPermission): void {
  if (actor.type === 'service') refuseUnscoped(actor, 'muster:read')
  if (!gate) throw orgNotFound()
  if (actor.type === 'user') refuseRole(gate.callerRole ?? undefined, permission)
}

/** @throws forbidden for a service: what follows is about a person. */
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

function refuseRole(role: Role | undefined, permission: OrgPermission): void {
  if (!role) throw orgNotFound()
  if (!roleAllows(role, permission))
    throw new DomainError(
      'forbidden',
      `Your role in this organisation (${role}) does not include ${permission}.`,
    )
}

export function orgNotFound(): DomainError {
  return new DomainError('org_not_found', 'There is no such organisation, or you are not a member of it.')
}
