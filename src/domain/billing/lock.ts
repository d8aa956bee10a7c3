import type { Tx } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { lockOrgFor } from '../orgs/lock.ts'
import { lockResourceFor } from '../resources/lock.ts'
import type { BillingPlace } from './queries.ts'

/**
 * Opens a change of invoice information: locks the org, and checks the caller's right on the organisation or the
 * resource.
 *
 * @returns the place in the one spelling of its ids.
 * @throws org_not_found, resource_not_found, forbidden.
 */
export async function lockBillingFor(
  tx: Tx,
  actor: Actor,
  { orgId, resourceId }: BillingPlace,
): Promise<BillingPlace> {
  if (resourceId === undefined) return { orgId: (await lockOrgFor(tx, actor, 'billing:update', orgId)).id }
  const resource = await lockResourceFor(tx, actor, 'billing:update', { orgId, resourceId })
  return { orgId: resource.orgId, resourceId: resource.id }
}
