import { and, eq, gt, sql } from 'drizzle-orm'
import type { Tx } from '../../db/client.ts'
import { idempotencyKeys } from '../../db/tables/requests.ts'

export type Kept = typeof idempotencyKeys.$inferInsert

/** False while another transaction works under the same key. Held until this one ends. */
export async function tryLockKey(tx: Tx, id: Buffer): Promise<boolean> {
  const { rows } = await tx.execute<{ locked: boolean }>(
    sql`select pg_try_advisory_xact_lock(${id.readBigInt64BE(0)}) as locked`,
  )
  return rows[0]?.locked === true
}

export async function findAnswer(tx: Tx, id: Buffer): Promise<Kept | undefined> {
  const [kept] = await tx
    .select()
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.id, id), gt(idempotencyKeys.createdAt, sql`now() - interval '24 hours'`)))
  return kept
}

/** Takes the place of one that has outlived its day. */
export async function keepAnswer(tx: Tx, kept: Kept): Promise<void> {
  await tx
    .insert(idempotencyKeys)
    .values(kept)
    .onConflictDoUpdate({ target: idempotencyKeys.id, set: { ...kept, createdAt: sql`now()` } })
}
