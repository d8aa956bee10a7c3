import { sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { type Db, type Tx, together } from '../../../db/client.ts'
import { prepared, preparedText } from '../../../db/statement.ts'
import { wrongCodes } from '../../../db/tables/requests.ts'
import type { Recent } from '../limits.ts'

/**
 * Selects how many wrong codes the worst of `triedBy` has tried within a minute, and the seconds until the oldest of
 * these is forgotten. Null: none. The statement that looks for the code includes it, so honest callers do not wait.
 */
export const guesses = sql<Recent | null>`(
  select json_build_object('count', count, 'retryAfter', retry_after) from (
    select count(*) as count, ceil(extract(epoch from min(tried_at) + interval '1 minute' - now())) as retry_after
    from wrong_codes
    where tried_by = any(${sql.placeholder('triedBy')}::bytea[]) and tried_at > now() - interval '1 minute'
    group by tried_by) as each
  order by count desc, retry_after desc limit 1)`

const counted = preparedText<{ guesses: Recent | null }>(
  'count_wrong_codes',
  sql`select ${guesses} as guesses`,
)

async function countWrongCodes(tx: Tx, triedBy: readonly Buffer[]): Promise<Recent | null> {
  const { rows } = await counted(tx, { triedBy })
  return rows[0]?.guesses ?? null
}

const turn = preparedText(
  'lock_guesser',
  sql`select pg_advisory_xact_lock(${sql.placeholder('key')}::bigint)`,
)

const wrongCode = prepared('insert_wrong_code', (db) =>
  db.insert(wrongCodes).values({ id: sql.placeholder('id'), triedBy: sql.placeholder('triedBy') }),
)

/**
 * Records a wrong code. Concurrent guesses of the same user or address take turns. A guess over the limit is not
 * recorded: it would make the caller wait longer than they are told.
 *
 * @returns the count before this one.
 */
export async function recordWrongCode(
  db: Db,
  triedBy: readonly Buffer[],
  limit: number,
): Promise<Recent | null> {
  return db.transaction(async (tx) => {
    const inOrder = triedBy.map((hash) => hash.readBigInt64BE(0)).sort((a, b) => (a < b ? -1 : 1))
    const turns = inOrder.map((key) => turn(tx, { key }))
    const [before] = await together(countWrongCodes(tx, triedBy), ...turns)
    if ((before?.count ?? 0) < limit)
      await together(...triedBy.map((hash) => wrongCode(tx, { id: uuidv7(), triedBy: hash })))
    return before
  })
}
