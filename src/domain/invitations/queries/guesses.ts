import { and, gt, inArray, sql } from 'drizzle-orm'
import { type Db, type Sql, theOne } from '../../../db/client.ts'
import { wrongCodes } from '../../../db/tables.ts'
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
  const [worst] = await db.select().from(each).orderBy(sql`count desc`).limit(1)
  return worst ?? { count: 0, retryAfter: 0 }
}

/** Those who guess at the same time take turns, so that each is told its own number. */
export async function insertWrongCodes(db: Db, triedBy: Buffer[]): Promise<Recent> {
  return db.transaction(async (tx) => {
    const inOrder = triedBy.map((hash) => hash.readBigInt64BE(0)).sort((a, b) => (a < b ? -1 : 1))
    for (const key of inOrder) await tx.execute(sql`select pg_advisory_xact_lock(${key})`)
    await tx.insert(wrongCodes).values(triedBy.map((hash) => ({ triedBy: hash })))
    return theOne(await countWrongCodes(tx, triedBy))
  })
}
