import type { Db, Tx } from '../../db/client.ts'
import { lockOrgFor } from '../access/authorize.ts'
import { lockResourceFor } from '../access/authorize-resource.ts'
import type { Actor } from '../actor.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { type Billing, type BillingInput, invoiceInformation, NEVER_FILLED_IN } from './billing.ts'
import { type BillingPlace, findBilling, putBilling } from './queries.ts'

/**
 * Fills in the invoice information of the organisation, or of one resource, anew: what is not given is empty
 * afterwards. Six round trips.
 *
 * @throws invalid_request, org_not_found, resource_not_found, forbidden; version_mismatch, also where somebody else
 *   filled in first what the caller saw empty.
 */
export async function setBilling(
  db: Db,
  actor: Actor,
  input: BillingPlace & { information: BillingInput; ifMatch?: IfMatch },
): Promise<Billing> {
  const { information, ifMatch, ...place } = input
  const filledIn = invoiceInformation(information)
  return db.transaction(async (tx) => {
    await lockPlaceFor(tx, actor, place)
    refuseStale((await findBilling(tx, place)) ?? NEVER_FILLED_IN, ifMatch)
    return putBilling(tx, place, filledIn)
  })
}

async function lockPlaceFor(tx: Tx, actor: Actor, { orgId, resourceId }: BillingPlace): Promise<void> {
  if (resourceId === undefined) await lockOrgFor(tx, actor, 'billing:update', orgId)
  else await lockResourceFor(tx, actor, 'billing:update', { orgId, resourceId })
}
