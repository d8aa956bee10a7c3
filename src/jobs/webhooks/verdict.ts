import type { Posted } from './egress.ts'
import type { Attempt, AttemptResult } from './queries/attempts.ts'
import type { Failing } from './queries/health.ts'
import { pauseAfter } from './schedule.ts'

/** The endpoint's answer, or in a word the reason that there is none. */
export type Answer =
  | ({ readonly kind: 'answered' } & Posted)
  | { readonly kind: 'unanswered'; readonly reason: string }

const GONE = 410

/** 2xx ends the delivery as succeeded, 410 as failed. Anything else is tried again while tries are left. */
export function resultOf({ attempts }: Attempt, answer: Answer, duration: number): AttemptResult {
  if (answer.kind === 'unanswered')
    return { ...nextAfter(attempts, null), responseStatus: null, duration, failure: answer.reason }
  const told = { responseStatus: answer.status, duration, failure: null }
  if (answer.status >= 200 && answer.status < 300) return { ...told, status: 'succeeded', pause: null }
  if (answer.status === GONE) return { ...told, status: 'failed', pause: null }
  return { ...told, ...nextAfter(attempts, answer.retryAfter) }
}

/** An endpoint fails for days only if this event has failed for hours, too: one failure alone says nothing yet. */
const ATTEMPTS_OF_HOURS = 5

interface Verdict {
  /** Reason to disable the endpoint; null leaves it as it is. */
  readonly disable: 'gone' | 'failing' | null
  readonly end: AttemptResult
}

/**
 * Decides what follows from a failed attempt, for the endpoint and for the delivery. An endpoint that was changed since
 * the call is disabled already, or may lead elsewhere now; in that case its 410 ends neither.
 *
 * @param webhook as it is now, not as it was when it was called.
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
