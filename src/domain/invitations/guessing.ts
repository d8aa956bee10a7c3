import { createHash } from 'node:crypto'
import type { Db } from '../../db/client.ts'
import { DomainError } from '../errors.ts'
import { refuseGuessesOverLimit } from './limits.ts'
import { countWrongCodes, recordWrongCode } from './queries/guesses.ts'

/**
 * Lets `work` look for an invitation by its code, unless the caller has been guessing. Each miss counts, after the
 * transaction that it rolled back, against everybody in `who`: the user and the network address it came from.
 *
 * @throws rate_limited, for a right code too; whatever `work` throws.
 */
export async function withoutGuessing<T>(
  db: Db,
  perMinute: number,
  who: string[],
  work: () => Promise<T>,
): Promise<T> {
  const triedBy = who.map((name) => createHash('sha256').update(name).digest())
  refuseGuessesOverLimit(perMinute, await countWrongCodes(db.sql, triedBy))
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'invitation_not_found')) throw error
    refuseGuessesOverLimit(perMinute, await recordWrongCode(db, triedBy, perMinute))
    throw error
  }
}
