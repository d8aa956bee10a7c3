import { and, gt, inArray, sql } from 'drizzle-orm'
import type { Db, Sql } from '../../../db/client.ts'
import { wrongCodes } from '../../../db/tables/requests.ts'
import type { Recent } from '../limits.ts'

/** The worst of those who tried: how many within a minute, and the seconds until the oldest of these is forgotten. */
export async function countWrongCodes(db: Sql, triedBy: Buffer[]): Promise<Recent> {
  const each = db
    .select({
      count: sql<number>`count(*)::int`.as('count'),
      retryAfter: sql<number>`ceil(extract(epoch from min(tried_at) + interval '1 minute' - now()))::int`.as(
        'retry_after',
      ),
    })
    .from(wrongCodes)
    .where(
      and(inArray(wrongCodes.triedBy, triedBy), gt(wrongCodes.triedAt, sql`now() - interval '1 minute'`)),
    )
    .groupBy(wrongCodes.triedBy)
    .as('each')
  const [worst] = await db.select().from(each).orderBy(sql`count desc, retry_after desc`).limit(1)
  return worst ?? { count: 0, retryAfter: 0 }
}

/**
 * Those who guess at the same time take turns. What is over the limit is not recorded: it would make everybody wait
 * longer than they are told.
 *
 * @returns the count before this one.
 */
export async function recordWrongCode(db: Db, triedBy: Buffer[], limit: number): Promise<Recent> {
  return db.transaction(async (tx) => {
    const inOrder = triedBy.map((hash) => hash.readBigInt64BE(0)).sort((a, b) => (a < b ? -1 : 1))
    for (const key of inOrder) await tx.execute(sql`select pg_advisory_xact_lock(${key})`)
    const before = await countWrongCodes(tx, triedBy)
    if (before.count < limit) await tx.insert(wrongCodes).values(triedBy.map((hash) => ({ triedBy: hash })))
    return before
  })
}
