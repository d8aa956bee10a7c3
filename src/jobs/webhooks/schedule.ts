// Seconds before the second attempt, the third, and so on: the pauses that Standard Webhooks proposes, 75.6 h in all.
const MINUTE = 60
const HOUR = 60 * MINUTE
const PAUSES = [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]

// With all pauses so long at least, the tries of one event still end before the fifth day is over.
const LONGEST_WISH = 6 * HOUR

/**
 * Seconds until the next attempt, up to a fifth more than planned, so that what failed together is not tried again
 * together. An endpoint that names a time (`Retry-After`) is not asked before it, six hours at most.
 *
 * @param attempts that have failed, the last one included.
 * @returns undefined when that was the last one.
 */
export function pauseAfter(attempts: number, retryAfter: number | null): number | undefined {
  const planned = PAUSES[attempts - 1]
  if (planned === undefined) return undefined
  return Math.max(planned * (1 + Math.random() / 5), Math.min(retryAfter ?? 0, LONGEST_WISH))
}
