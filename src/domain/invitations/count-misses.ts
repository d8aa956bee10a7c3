import { createHash } from 'node:crypto'
import type { Db } from '../../db/client.ts'
import { DomainError } from '../errors.ts'
import { type Guesser, refuseGuesser } from './limits.ts'
import { recordWrongCode } from './queries/guesses.ts'

/**
 * Lets `work` look for an invitation by its code. A miss counts against each of `who`: the user and the network address
 * it came from. It is recorded after the transaction that it rolled back. `work` refuses a caller who has guessed too
 * often.
 *
 * @throws rate_limited, and what `work` throws.
 */
export async function countMisses<T>(
  db: Db,
  perMinute: number,
  who: readonly string[],
  work: (guesser: Guesser) => Promise<T>,
): Promise<T> {
  const triedBy = who.map((name) => createHash('sha256').update(name).digest())
  const guesser = { triedBy, perMinute }
  try {
    return await work(guesser)
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'invitation_not_found')) throw error
    refuseGuesser(guesser, await recordWrongCode(db, triedBy, perMinute))
    throw error
  }
}
