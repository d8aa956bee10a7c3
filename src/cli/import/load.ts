import { setTimeout as pause } from 'node:timers/promises'
import type { Db } from '../../db/client.ts'
import { isUnavailable, refusedValue, tookTooLong } from '../../db/errors.ts'
import type { By } from '../../domain/actor.ts'
import { importLines } from '../../domain/import/import.ts'
import type { Numbered, Outcome, Outcomes } from '../../domain/import/line.ts'

/** Reports each wait, and lets the caller end it. */
export interface Patience {
  readonly signal: AbortSignal
  waiting(milliseconds: number): void
}

// Milliseconds before each further try, when the database is away or busy.
const PAUSES = [500, 2_000, 5_000, 15_000]

/**
 * Imports lines in one transaction. If that takes too long, or only PostgreSQL knows why a line cannot be kept, it
 * halves the lines and tries again, until that line is alone and refused. Waits for a database that is away.
 *
 * @throws AbortError when it is told to stop meanwhile.
 */
export async function load(
  db: Db,
  by: By,
  lines: readonly Numbered[],
  patience: Patience,
): Promise<Outcomes> {
  if (lines.length === 0) return new Map()
  try {
    return await patiently(() => importLines(db, by, lines), lines.length > 1, patience)
  } catch (error) {
    const reason = tookTooLong(error) ? 'it takes the database too long' : refusedValue(error)
    if (reason === undefined) throw error
    const [only] = lines
    if (only && lines.length === 1) return new Map<number, Outcome>([[only.number, { refused: reason }]])
    const middle = Math.ceil(lines.length / 2)
    return new Map([
      ...(await load(db, by, lines.slice(0, middle), patience)),
      ...(await load(db, by, lines.slice(middle), patience)),
    ])
  }
}

/** Retries while the database is away or busy. Work that took too long is retried only where it cannot be halved. */
async function patiently<T>(
  work: () => Promise<T>,
  isDivisible: boolean,
  { signal, waiting }: Patience,
): Promise<T> {
  for (const milliseconds of PAUSES)
    try {
      return await work()
    } catch (error) {
      if ((isDivisible && tookTooLong(error)) || !isUnavailable(error)) throw error
      waiting(milliseconds)
      await pause(milliseconds, undefined, { signal })
    }
  return work()
}
