import type { Tx } from '../../db/client.ts'
import type { ResourceRole } from '../resources/grant.ts'
import { findHeld } from '../resources/queries/grants.ts'
import { findExisting } from '../resources/queries/tree.ts'
import { resourceNotFound } from '../resources/resource.ts'
import type { Invitation } from './invitation.ts'

/**
 * What an invitation offers on resources is there when it is offered. The caller holds the org's lock.
 *
 * @throws resource_not_found.
 */
export async function refuseMissing(
  tx: Tx,
  orgId: string,
  resourceRoles: readonly ResourceRole[],
): Promise<void> {
  if (resourceRoles.length === 0) return
  const existing = await findExisting(
    tx,
    orgId,
    resourceRoles.map(({ resourceId }) => resourceId),
  )
  const missing = resourceRoles.findIndex(({ resourceId }) => !existing.has(resourceId))
  if (missing >= 0) throw resourceNotFound(`/resourceRoles/${missing}/resourceId`)
}

/** What became of the rights that came with an invitation. */
export interface RightsGiven {
  /** Held by the member now, of those that were offered. */
  readonly resourceRoles: ResourceRole[]
  /** Offered on resources that have been deleted since. */
  readonly leftOut: ResourceRole[]
}

export async function findRightsGiven(
  tx: Tx,
  { orgId, resourceRoles }: Invitation,
  userId: string,
): Promise<RightsGiven> {
  if (resourceRoles.length === 0) return { resourceRoles: [], leftOut: [] }
  const offered = await findHeld(tx, { orgId, userId }, resourceRoles)
  return {
    resourceRoles: offered.flatMap(({ resourceId, held }) => (held ? { resourceId, role: held } : [])),
    leftOut: offered.flatMap(({ resourceId, role, deleted }) => (deleted ? { resourceId, role } : [])),
  }
}
