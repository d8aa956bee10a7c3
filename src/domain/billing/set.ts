import { type Db, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { billingUpdated } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { type Billing, type BillingInput, invoiceInformation, NEVER_FILLED_IN } from './billing.ts'
import { lockBillingFor } from './lock.ts'
import { type BillingPlace, findBilling, putBilling } from './queries.ts'

/**
 * Replaces the invoice information of the organisation or of one resource. A field that is not given becomes empty.
 *
 * @throws invalid_request, org_not_found, resource_not_found, forbidden; version_mismatch, also when another caller was
 *   the first to fill in what this caller saw empty.
 */
export async function setBilling(
  db: Db,
  actor: Actor,
  input: BillingPlace & { information: BillingInput; ifMatch?: IfMatch },
): Promise<Billing> {
  const { information, ifMatch } = input
  return db.transaction(async (tx) => {
    const [place, known] = await together(lockBillingFor(tx, actor, input), findBilling(tx, input))
    refuseStale(known ?? NEVER_FILLED_IN, ifMatch)
    const [billing] = await together(
      putBilling(tx, place, invoiceInformation(information)),
      record(tx, actor, place.orgId, billingUpdated(place)),
    )
    return billing
  })
}
