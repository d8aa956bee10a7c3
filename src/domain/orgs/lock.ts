import { type Tx, together } from '../../db/client.ts'
import { findRole } from '../access/queries/gate.ts'
import { refuseRole, refuseUnscoped } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import type { OrgPermission } from '../roles.ts'
import { type Org, orgNotFound } from './org.ts'
import { lockOrg } from './queries/locks.ts'

/**
 * Opens a change in an organisation: locks its row, then reads the caller's role. The role is read under the lock, so a
 * caller who lost it while waiting cannot act on it.
 *
 * @throws org_not_found when it is not live or the caller is not a member, forbidden when the role does not allow it.
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
