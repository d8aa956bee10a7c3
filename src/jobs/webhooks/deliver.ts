import type { Db } from '../../db/client.ts'
import { webhookDisabled } from '../../domain/events/changes.ts'
import { record } from '../../domain/events/record.ts'
import { hasKeyFor, openSecret, type SealingKeys, signatureOf } from '../../domain/webhooks/secret.ts'
import type { Log } from '../log.ts'
import { type Egress, EgressError, type Posted } from './egress.ts'
import {
  type Attempt,
  endAttempt,
  endSuccess,
  type Outcome,
  postponeAttempt,
  releaseAttempt,
} from './queries/attempts.ts'
import { disableWebhook, markFailing } from './queries/health.ts'
import { pauseAfter } from './schedule.ts'

export interface DeliveryDeps {
  readonly db: Db
  readonly egress: Egress
  readonly keys: SealingKeys
  readonly log: Log
}

const GONE = 410

/** No key opens a secret: a mistake of the settings, for which the endpoint has nothing to answer. */
const NOT_SIGNED = 'not_signed'

/**
 * Makes one attempt, and writes down what came of it: 2xx ends the delivery, 410 ends the endpoint too, all else is
 * tried again. What could not be signed does not count, and waits. What the stop cuts short is left to the next process.
 */
export async function deliver(deps: DeliveryDeps, attempt: Attempt, cut: AbortSignal): Promise<void> {
  const begun = performance.now()
  const answer = await post(deps, attempt, cut)
  if (cut.aborted && typeof answer === 'string') return releaseAttempt(deps.db.sql, attempt)
  const outcome = outcomeOf(attempt, answer, Math.round(performance.now() - begun))
  if (outcome.failure === NOT_SIGNED) return postponeAttempt(deps.db.sql, attempt, outcome)
  if (outcome.status === 'succeeded') return endSuccess(deps.db.sql, attempt, outcome)
  return fail(deps.db, attempt, outcome)
}

/** An endpoint fails for days when that event has failed for hours, too: one failure among others says nothing yet. */
const ATTEMPTS_OF_HOURS = 5

async function fail(db: Db, attempt: Attempt, outcome: Outcome): Promise<void> {
  const { webhookId, version, attempts } = attempt
  await db.transaction(async (tx) => {
    const webhook = await markFailing(tx, webhookId)
    const isGone = outcome.responseStatus === GONE
    const isFailing = webhook.failsForDays && attempts >= ATTEMPTS_OF_HOURS
    const reason = isGone ? 'gone' : isFailing ? 'failing' : null
    // Changed since it was called, it is disabled already, or may lead elsewhere now.
    const isAsCalled = webhook.version === version
    if (reason && isAsCalled) {
      await disableWebhook(tx, webhookId, reason)
      await record(tx, null, null, webhookDisabled(webhookId, reason))
    }
    const isElsewhere = webhook.version !== null && !isAsCalled && !webhook.disabledAsGone
    await endAttempt(
      tx,
      attempt,
      isGone && isElsewhere ? { ...outcome, ...nextAfter(attempts, null) } : outcome,
    )
  })
}

/** The answer, or in a word why there is none. */
async function post(
  { egress, keys, log }: DeliveryDeps,
  { webhookId, url, secrets, event }: Attempt,
  cut: AbortSignal,
): Promise<Posted | string> {
  const body = JSON.stringify(event)
  const timestamp = Math.floor(Date.now() / 1000)
  try {
    const opened = openAll(keys, webhookId, secrets)
    const headers = {
      'content-type': 'application/json',
      'webhook-id': event.id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatureOf(opened, { id: event.id, timestamp, body }),
    }
    return await egress.post(url, headers, body, cut)
  } catch (error) {
    if (error instanceof EgressError) return error.reason
    log.warn({ webhookId, reason: error instanceof Error ? error.message : '' }, 'a webhook was not called')
    return NOT_SIGNED
  }
}

/** The current one comes first, and has to open; an older one signs beside it, if there is still a key for it. */
function openAll(keys: SealingKeys, webhookId: string, [current, ...older]: readonly Buffer[]): string[] {
  if (!current) throw new Error('a webhook has no secret')
  const open = (sealed: Buffer) => openSecret(keys, webhookId, sealed)
  return [open(current), ...older.flatMap((sealed) => (hasKeyFor(keys, sealed) ? [open(sealed)] : []))]
}

function outcomeOf({ attempts }: Attempt, answer: Posted | string, duration: number): Outcome {
  if (typeof answer === 'string')
    return { ...nextAfter(attempts, null), responseStatus: null, duration, failure: answer }
  const { status: responseStatus, retryAfter } = answer
  const told = { responseStatus, duration, failure: null }
  if (responseStatus >= 200 && responseStatus < 300) return { status: 'succeeded', ...told, pause: null }
  if (responseStatus === GONE) return { status: 'failed', ...told, pause: null }
  return { ...nextAfter(attempts, retryAfter), ...told }
}

function nextAfter(attempts: number, retryAfter: number | null): Pick<Outcome, 'status' | 'pause'> {
  const pause = pauseAfter(attempts, retryAfter)
  return pause === undefined ? { status: 'failed', pause: null } : { status: 'pending', pause }
}
