// Seconds before the second attempt, the third and so on, as Standard Webhooks proposes: 75.6 h in all.
const MINUTE = 60
const HOUR = 60 * MINUTE
const PAUSES = [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]

// Even with every pause at least this long, the tries of one event end before the fifth day is over.
const LONGEST_WISH = 6 * HOUR

/**
 * Seconds until the next attempt, with up to 20 % jitter, so that deliveries that failed together are not retried
 * together. An endpoint's `Retry-After` is respected, up to six hours.
 *
 * @param attempts that have failed, the last one included.
 * @returns undefined after the last attempt.
 */
export function pauseAfter(attempts: number, retryAfter: number | null): number | undefined {
  const planned = PAUSES[attempts - 1]
  if (planned === undefined) return undefined
  return Math.max(planned * (1 + Math.random() / 5), Math.min(retryAfter ?? 0, LONGEST_WISH))
}
