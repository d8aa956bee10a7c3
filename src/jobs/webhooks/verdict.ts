import type { Posted } from './egress.ts'
import type { Attempt, AttemptResult } from './queries/attempts.ts'
import type { Failing } from './queries/health.ts'
import { pauseAfter } from './schedule.ts'

/** What the endpoint said, or in a word why it said nothing. */
export type Answer =
  | ({ readonly kind: 'answered' } & Posted)
  | { readonly kind: 'unanswered'; readonly reason: string }

const GONE = 410

/** 2xx ends the delivery well, and 410 ends it; all else is tried again, as long as there are tries. */
export function resultOf({ attempts }: Attempt, answer: Answer, duration: number): AttemptResult {
  if (answer.kind === 'unanswered')
    return { ...nextAfter(attempts, null), responseStatus: null, duration, failure: answer.reason }
  const told = { responseStatus: answer.status, duration, failure: null }
  if (answer.status >= 200 && answer.status < 300) return { ...told, status: 'succeeded', pause: null }
  if (answer.status === GONE) return { ...told, status: 'failed', pause: null }
  return { ...told, ...nextAfter(attempts, answer.retryAfter) }
}

/** An endpoint fails for days when that event has failed for hours, too: one failure among others says nothing yet. */
const ATTEMPTS_OF_HOURS = 5

interface Verdict {
  /** Why the endpoint is disabled; null: it stays as it is. */
  readonly disable: 'gone' | 'failing' | null
  readonly end: AttemptResult
}

/**
 * What follows from a failed attempt, for the endpoint and for the delivery. An endpoint that was changed since it was
 * called is disabled already, or may lead elsewhere now: its 410 then ends neither of them.
 *
 * @param webhook as it is now, whatever it was when it was called.
 */
export function verdictOn(attempt: Attempt, webhook: Failing, result: AttemptResult): Verdict {
  const isGone = result.responseStatus === GONE
  const isFailing = webhook.failsForDays && attempt.attempts >= ATTEMPTS_OF_HOURS
  if (webhook.version === attempt.version)
    return { disable: isGone ? 'gone' : isFailing ? 'failing' : null, end: result }
  const isElsewhere = webhook.version !== null && !webhook.disabledAsGone
  return {
    disable: null,
    end: isGone && isElsewhere ? { ...result, ...nextAfter(attempt.attempts, null) } : result,
  }
}

function nextAfter(attempts: number, retryAfter: number | null): Pick<AttemptResult, 'status' | 'pause'> {
  const pause = pauseAfter(attempts, retryAfter)
  return pause === undefined ? { status: 'failed', pause: null } : { status: 'pending', pause }
}
