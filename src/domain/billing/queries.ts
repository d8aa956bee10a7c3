import { and, eq, getTableColumns, isNull, sql } from 'drizzle-orm'
import { type Sql, type Tx, theOne } from '../../db/client.ts'
import { prepared, preparedForGiven } from '../../db/statement.ts'
import { billing, resources } from '../../db/tables/resources.ts'
import { callerIdOf, gateOf } from '../access/queries/gate.ts'
import { roleOnResource } from '../access/queries/reasons.ts'
import type { Actor } from '../actor.ts'
import type { Billing, InvoiceInformation } from './billing.ts'

/** The place that the invoice information belongs to: a resource, or the organisation itself. */
export interface BillingPlace {
  readonly orgId: string
  readonly resourceId?: string
}

const { orgId: _orgId, resourceId: _resourceId, version, ...others } = getTableColumns(billing)
// `version` comes first: Drizzle takes a joined row whose first column is null for no row at all.
const BILLING = { version, ...others }

const billingRow = preparedForGiven<BillingPlace, Billing[]>('billing', (db, given) =>
  db
    .select(BILLING)
    .from(billing)
    .where(
      and(
        eq(billing.orgId, sql.placeholder('orgId')),
        given.has('resourceId')
          ? eq(billing.resourceId, sql.placeholder('resourceId'))
          : isNull(billing.resourceId),
      ),
    ),
)

/** Reads under the org's lock, which every change of invoice information takes. */
export async function findBilling(tx: Tx, { orgId, resourceId }: BillingPlace): Promise<Billing | undefined> {
  const [found] = await billingRow(tx, { orgId, resourceId })
  return found
}

const billingPut = prepared('put_billing', (db) =>
  db
    .insert(billing)
    .values({
      orgId: sql.placeholder('orgId'),
      resourceId: sql.placeholder('resourceId'),
      legalName: sql.placeholder('legalName'),
      email: sql.placeholder('email'),
      vatId: sql.placeholder('vatId'),
      address: sql`${sql.placeholder('address')}::jsonb`,
      purchaseOrder: sql.placeholder('purchaseOrder'),
      notes: sql.placeholder('notes'),
    })
    .onConflictDoUpdate({
      target: [billing.orgId, billing.resourceId],
      set: {
        legalName: sql`excluded.legal_name`,
        email: sql`excluded.email`,
        vatId: sql`excluded.vat_id`,
        address: sql`excluded.address`,
        purchaseOrder: sql`excluded.purchase_order`,
        notes: sql`excluded.notes`,
        version: sql`${billing.version} + 1`,
        updatedAt: sql`now()`,
      },
    })
    .returning(BILLING),
)

export async function putBilling(
  tx: Tx,
  { orgId, resourceId }: BillingPlace,
  information: InvoiceInformation,
): Promise<Billing> {
  const address = information.address && JSON.stringify(information.address)
  const [put] = await billingPut(tx, { ...information, orgId, resourceId: resourceId ?? null, address })
  return theOne(put)
}

const orgBilling = prepared('org_billing', (db) => {
  const gate = gateOf(db, sql.placeholder('callerId'), sql.placeholder('orgId'))
  return db
    .select({ callerRole: gate.callerRole, billing: BILLING })
    .from(gate)
    .leftJoin(billing, and(eq(billing.orgId, gate.orgId), isNull(billing.resourceId)))
})

/** Returns undefined when the gate is closed. */
export async function findOrgBilling(db: Sql, actor: Actor, orgId: string) {
  const [found] = await orgBilling(db, { callerId: callerIdOf(actor), orgId })
  return found
}

const resourceBilling = prepared('resource_billing', (db) => {
  const callerId = sql.placeholder('callerId')
  const gate = gateOf(db, callerId, sql.placeholder('orgId'))
  return db
    .select({
      callerRole: gate.callerRole,
      resource: getTableColumns(resources),
      role: roleOnResource(callerId),
      billing: BILLING,
    })
    .from(gate)
    .leftJoin(
      resources,
      and(eq(resources.orgId, gate.orgId), eq(resources.id, sql.placeholder('resourceId'))),
    )
    .leftJoin(billing, and(eq(billing.orgId, gate.orgId), eq(billing.resourceId, resources.id)))
})

/** Returns undefined when the gate is closed. */
export async function findResourceBilling(
  db: Sql,
  actor: Actor,
  place: { orgId: string; resourceId: string },
) {
  const [found] = await resourceBilling(db, { ...place, callerId: callerIdOf(actor) })
  return found
}
