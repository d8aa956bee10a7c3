import type { Db } from '../../db/client.ts'
import { refuseReader } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { refuseResourceReader } from '../resources/rights.ts'
import { type Billing, NEVER_FILLED_IN } from './billing.ts'
import { findOrgBilling, findResourceBilling } from './queries.ts'

/** Runs one statement. @throws org_not_found, forbidden. */
export async function getOrgBilling(db: Db, actor: Actor, { orgId }: { orgId: string }): Promise<Billing> {
  const found = await findOrgBilling(db.sql, actor, orgId)
  refuseReader(actor, found, 'billing:read')
  return found?.billing ?? NEVER_FILLED_IN
}

/** Runs one statement. @throws org_not_found, resource_not_found, forbidden. */
export async function getResourceBilling(
  db: Db,
  actor: Actor,
  place: { orgId: string; resourceId: string },
): Promise<Billing> {
  const found = await findResourceBilling(db.sql, actor, place)
  refuseResourceReader(actor, found, 'billing:read')
  return found?.billing ?? NEVER_FILLED_IN
}
