import type { Db } from '../../db/client.ts'
import { webhookDisabled } from '../../domain/events/changes.ts'
import { record } from '../../domain/events/record.ts'
import { openSecret, type SealingKeys, signatureOf } from '../../domain/webhooks/secret.ts'
import type { Log } from '../mail/mailer.ts'
import { type Egress, EgressError, type Posted } from './egress.ts'
import {
  type Attempt,
  endAttempt,
  type Outcome,
  postponeAttempt,
  releaseAttempt,
} from './queries/attempts.ts'
import { disableWebhook, markFailing, markHealthy } from './queries/health.ts'
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
  if (outcome.status === 'succeeded') return succeed(deps.db, attempt, outcome)
  return fail(deps.db, attempt, outcome)
}

/** Nearly all attempts: two round trips, which need not be one transaction. What is lost between them is sent again. */
async function succeed(db: Db, attempt: Attempt, outcome: Outcome): Promise<void> {
  await markHealthy(db.sql, attempt.webhookId)
  await endAttempt(db.sql, attempt, outcome)
}

async function fail(db: Db, attempt: Attempt, outcome: Outcome): Promise<void> {
  await db.transaction(async (tx) => {
    // The webhook's row before the delivery's, as whoever deletes it takes them.
    const failsForDays = await markFailing(tx, attempt.webhookId)
    const reason = outcome.responseStatus === GONE ? 'gone' : failsForDays ? 'failing' : null
    if (reason && (await disableWebhook(tx, attempt, reason)))
      await record(tx, null, null, webhookDisabled(attempt.webhookId, reason))
    await endAttempt(tx, attempt, outcome)
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
    const opened = secrets.map((sealed) => openSecret(keys, webhookId, sealed))
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

function outcomeOf({ attempts }: Attempt, answer: Posted | string, duration: number): Outcome {
  if (typeof answer === 'string') {
    const pause = pauseAfter(attempts, null) ?? null
    const status = pause === null ? 'failed' : 'pending'
    return { status, responseStatus: null, duration, failure: answer, pause }
  }
  const { status: responseStatus, retryAfter } = answer
  const told = { responseStatus, duration, failure: null }
  if (responseStatus >= 200 && responseStatus < 300) return { status: 'succeeded', ...told, pause: null }
  const pause = responseStatus === GONE ? null : (pauseAfter(attempts, retryAfter) ?? null)
  return { status: pause === null ? 'failed' : 'pending', ...told, pause }
}
