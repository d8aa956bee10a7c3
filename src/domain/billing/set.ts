import { type Db, type Tx, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { billingUpdated } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { lockOrgFor } from '../orgs/lock.ts'
import { lockResourceFor } from '../resources/lock.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { type Billing, type BillingInput, invoiceInformation, NEVER_FILLED_IN } from './billing.ts'
import { type BillingPlace, findBilling, putBilling } from './queries.ts'

/**
 * Fills in the invoice information of the organisation, or of one resource, anew: what is not given is empty
 * afterwards.
 *
 * @throws invalid_request, org_not_found, resource_not_found, forbidden; version_mismatch, also where somebody else
 *   filled in first what the caller saw empty.
 */
export async function setBilling(
  db: Db,
  actor: Actor,
  input: BillingPlace & { information: BillingInput; ifMatch?: IfMatch },
): Promise<Billing> {
  const { information, ifMatch } = input
  return db.transaction(async (tx) => {
    const [place, known] = await together(lockPlaceFor(tx, actor, input), findBilling(tx, input))
    refuseStale(known ?? NEVER_FILLED_IN, ifMatch)
    const [billing] = await together(
      putBilling(tx, place, invoiceInformation(information)),
      record(tx, actor, place.orgId, billingUpdated(place)),
    )
    return billing
  })
}

async function lockPlaceFor(
  tx: Tx,
  actor: Actor,
  { orgId, resourceId }: BillingPlace,
): Promise<BillingPlace> {
  if (resourceId === undefined) return { orgId: (await lockOrgFor(tx, actor, 'billing:update', orgId)).id }
  const resource = await lockResourceFor(tx, actor, 'billing:update', { orgId, resourceId })
  return { orgId: resource.orgId, resourceId: resource.id }
}
