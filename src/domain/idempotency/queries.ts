import { and, eq, gt, sql } from 'drizzle-orm'
import type { Tx } from '../../db/client.ts'
import { prepared, preparedText } from '../../db/statement.ts'
import { idempotencyKeys } from '../../db/tables/requests.ts'

export type Kept = typeof idempotencyKeys.$inferInsert

const lock = preparedText<{ locked: boolean }>(
  'lock_key',
  sql`select pg_try_advisory_xact_lock(${sql.placeholder('key')}::bigint) as locked`,
)

/** Locks the key until this transaction ends. Returns false while another transaction works under it. */
export async function tryLockKey(tx: Tx, id: Buffer): Promise<boolean> {
  const { rows } = await lock(tx, { key: id.readBigInt64BE(0) })
  return rows[0]?.locked === true
}

const answer = prepared('kept_answer', (db) =>
  db
    .select()
    .from(idempotencyKeys)
    .where(
      and(
        eq(idempotencyKeys.id, sql.placeholder('id')),
        gt(idempotencyKeys.createdAt, sql`now() - interval '24 hours'`),
      ),
    ),
)

export async function findAnswer(tx: Tx, id: Buffer): Promise<Kept | undefined> {
  const [kept] = await answer(tx, { id })
  return kept
}

const answerKept = preparedText(
  'keep_answer',
  sql`insert into idempotency_keys (id, fingerprint, answer)
    values (${sql.placeholder('id')}, ${sql.placeholder('fingerprint')}, ${sql.placeholder('answer')})
    on conflict (id) do update
      set fingerprint = excluded.fingerprint, answer = excluded.answer, created_at = now()`,
)

/** Keeps the answer, in place of one that is older than a day. */
export async function keepAnswer(tx: Tx, kept: Kept): Promise<void> {
  await answerKept(tx, { ...kept })
}
