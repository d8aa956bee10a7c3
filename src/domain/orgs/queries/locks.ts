import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Tx } from '../../../db/client.ts'
import { prepared } from '../../../db/statement.ts'
import { orgs } from '../../../db/tables/orgs.ts'
import { type Org, RESTORABLE_DAYS } from '../org.ts'
import { ORG } from './columns.ts'

const isThis = eq(orgs.id, sql.placeholder('orgId'))

const lockedOrg = prepared('lock_org', (db) =>
  db
    .select(ORG)
    .from(orgs)
    .where(and(isThis, isNull(orgs.deletedAt)))
    .for('no key update'),
)

/**
 * Takes the row lock of an org. Every change of the org, its members or its invitations takes it, so they take turns.
 */
export async function lockOrg(tx: Tx, orgId: string): Promise<Org | undefined> {
  const [org] = await lockedOrg(tx, { orgId })
  return org
}

const lockedRestorableOrg = prepared('lock_restorable_org', (db) =>
  db
    .select({ ...ORG, deletedAt: orgs.deletedAt })
    .from(orgs)
    .where(
      and(
        isThis,
        sql`(${orgs.deletedAt} is null or ${orgs.deletedAt} > now() - make_interval(days => ${RESTORABLE_DAYS}))`,
      ),
    )
    .for('no key update'),
)

/** Also locks a live org, so that a second restore finds what the first one left. */
export async function lockRestorableOrg(
  tx: Tx,
  orgId: string,
): Promise<(Org & { deletedAt: Date | null }) | undefined> {
  const [org] = await lockedRestorableOrg(tx, { orgId })
  return org
}
