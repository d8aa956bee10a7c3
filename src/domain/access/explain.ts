import type { Db } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { memberNotFound } from '../members/member.ts'
import { orgPermissionsOf, type Permission, type Role, resourcePermissionsOf } from '../roles.ts'
import { type AccessFilter, findAccess, type PlaceWithReasons } from './queries/explain.ts'
import { refuseReader } from './rules.ts'

/** A role of a user at a place, and every reason for it. The first reason is the one whose role counts. */
export interface Access extends PlaceWithReasons {
  readonly role: Role
  readonly permissions: Permission[]
}

/**
 * Explains why a member has their rights, to the member themselves and to callers who manage members. Runs one
 * statement.
 *
 * @returns the organisation first, then each resource that the member may read.
 * @throws org_not_found, forbidden, member_not_found.
 */
export async function explainAccess(
  db: Db,
  actor: Actor,
  { orgId, userId, ...filter }: AccessFilter & { orgId: string; userId: string },
): Promise<Access[]> {
  const found = await findAccess(db.sql, actor, { orgId, userId }, filter)
  const isSelf = actor.type === 'user' && actor.id === userId
  refuseReader(actor, found, isSelf ? 'org:read' : 'members:manage')
  if (!found?.isMember) throw memberNotFound()
  return found.places.flatMap(explain)
}

function explain({ resource, reasons }: PlaceWithReasons): Access[] {
  return reasons.slice(0, 1).map(({ role }) => ({
    resource,
    role,
    permissions: resource ? resourcePermissionsOf(role) : orgPermissionsOf(role),
    reasons,
  }))
}
