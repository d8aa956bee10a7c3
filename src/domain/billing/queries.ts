import { and, eq, getTableColumns, isNull, sql } from 'drizzle-orm'
import { type Sql, type Tx, theOne } from '../../db/client.ts'
import { billing, resources } from '../../db/tables/resources.ts'
import { callerIdOf, gateOf } from '../access/queries/gate.ts'
import { roleOnResource } from '../access/queries/reasons.ts'
import type { Actor } from '../actor.ts'
import type { Billing, InvoiceInformation } from './billing.ts'

/** Whose invoice information: a resource's, or the organisation's own. */
export interface BillingPlace {
  readonly orgId: string
  readonly resourceId?: string
}

const { orgId: _orgId, resourceId: _resourceId, version, ...others } = getTableColumns(billing)
// The version first: Drizzle takes a joined row whose first column is null for no row at all.
const BILLING = { version, ...others }

/** Read under the org's lock, which everybody takes who changes it. */
export async function findBilling(tx: Tx, { orgId, resourceId }: BillingPlace): Promise<Billing | undefined> {
  const isThere = resourceId === undefined ? isNull(billing.resourceId) : eq(billing.resourceId, resourceId)
  const [found] = await tx
    .select(BILLING)
    .from(billing)
    .where(and(eq(billing.orgId, orgId), isThere))
  return found
}

export async function putBilling(
  tx: Tx,
  { orgId, resourceId }: BillingPlace,
  information: InvoiceInformation,
): Promise<Billing> {
  const [put] = await tx
    .insert(billing)
    .values({ orgId, resourceId, ...information })
    .onConflictDoUpdate({
      target: [billing.orgId, billing.resourceId],
      set: { ...information, version: sql`${billing.version} + 1`, updatedAt: sql`now()` },
    })
    .returning(BILLING)
  return theOne(put)
}

/** Undefined behind a closed gate. */
export async function findOrgBilling(db: Sql, actor: Actor, orgId: string) {
  const gate = gateOf(db, callerIdOf(actor), orgId)
  const [found] = await db
    .select({ callerRole: gate.callerRole, billing: BILLING })
    .from(gate)
    .leftJoin(billing, and(eq(billing.orgId, gate.orgId), isNull(billing.resourceId)))
  return found
}

/** Undefined behind a closed gate. */
export async function findResourceBilling(
  db: Sql,
  actor: Actor,
  { orgId, resourceId }: { orgId: string; resourceId: string },
) {
  const callerId = callerIdOf(actor)
  const gate = gateOf(db, callerId, orgId)
  const [found] = await db
    .select({
      callerRole: gate.callerRole,
      resource: getTableColumns(resources),
      role: roleOnResource(callerId),
      billing: BILLING,
    })
    .from(gate)
    .leftJoin(resources, and(eq(resources.orgId, gate.orgId), eq(resources.id, resourceId)))
    .leftJoin(billing, and(eq(billing.orgId, gate.orgId), eq(billing.resourceId, resources.id)))
  return found
}
