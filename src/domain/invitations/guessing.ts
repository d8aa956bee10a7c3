import { createHash } from 'node:crypto'
import type { Db } from '../../db/client.ts'
import { DomainError } from '../errors.ts'
import { type Recent, refuseGuessesOverLimit } from './limits.ts'
import { recordWrongCode } from './queries/guesses.ts'

/** Who looks for an invitation by a code, as hashes of the user and of the network address. */
export interface Guesser {
  readonly triedBy: readonly Buffer[]
  /** Wrong codes that each of them may try in a minute. */
  readonly perMinute: number
}

/**
 * Lets `work` look for an invitation by its code. Each miss counts, after the transaction that it rolled back, against
 * everybody in `who`: the user and the network address it came from. `work` refuses who has guessed too often.
 *
 * @throws rate_limited; whatever `work` throws.
 */
export async function countingMisses<T>(
  db: Db,
  perMinute: number,
  who: readonly string[],
  work: (guesser: Guesser) => Promise<T>,
): Promise<T> {
  const triedBy = who.map((name) => createHash('sha256').update(name).digest())
  try {
    return await work({ triedBy, perMinute })
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'invitation_not_found')) throw error
    refuseGuessesOverLimit(perMinute, await recordWrongCode(db, triedBy, perMinute))
    throw error
  }
}

/** @throws rate_limited, for a right code too. */
export function refuseGuesser({ perMinute }: Guesser, guesses: Recent | null): void {
  refuseGuessesOverLimit(perMinute, guesses)
}
