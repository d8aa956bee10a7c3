import type { Db } from '../../db/client.ts'
import { webhookDisabled } from '../../domain/events/changes.ts'
import { record } from '../../domain/events/record.ts'
import { hasKeyFor, openSecret, type SealingKeys, signatureOf } from '../../domain/webhooks/secret.ts'
import type { Log } from '../log.ts'
import { type Egress, EgressError } from './egress.ts'
import {
  type Attempt,
  type AttemptResult,
  endAttempt,
  endSuccess,
  postponeAttempt,
  releaseAttempt,
} from './queries/attempts.ts'
import { disableWebhook, markFailing } from './queries/health.ts'
import { type Answer, resultOf, verdictOn } from './verdict.ts'

export interface DeliveryDeps {
  readonly db: Db
  readonly egress: Egress
  readonly keys: SealingKeys
  readonly log: Log
}

/**
 * Makes one attempt and records its result. An attempt that could not be signed does not count, and waits. One that the
 * stop cuts short is left to the next process.
 */
export async function deliver(deps: DeliveryDeps, attempt: Attempt, cut: AbortSignal): Promise<void> {
  const begun = performance.now()
  const answer = await post(deps, attempt, cut)
  const duration = Math.round(performance.now() - begun)
  if (cut.aborted && answer.kind !== 'answered') return releaseAttempt(deps.db.sql, attempt)
  if (answer.kind === 'unsigned')
    return postponeAttempt(deps.db.sql, attempt, { failure: 'not_signed', duration })
  const result = resultOf(attempt, answer, duration)
  if (result.status === 'succeeded') return endSuccess(deps.db.sql, attempt, result)
  return fail(deps.db, attempt, result)
}

async function fail(db: Db, attempt: Attempt, result: AttemptResult): Promise<void> {
  const { webhookId } = attempt
  await db.transaction(async (tx) => {
    const webhook = await markFailing(tx, webhookId)
    const { disable, end } = verdictOn(attempt, webhook, result)
    if (disable) {
      await disableWebhook(tx, webhookId, disable)
      await record(tx, null, null, webhookDisabled(webhookId, disable))
    }
    await endAttempt(tx, attempt, end)
  })
}

/** Answers `unsigned` when no key opens a secret: a mistake in the settings, for which the endpoint is not to blame. */
async function post(
  { egress, keys, log }: DeliveryDeps,
  { webhookId, url, secrets, event }: Attempt,
  cut: AbortSignal,
): Promise<Answer | { readonly kind: 'unsigned' }> {
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
    return { kind: 'answered', ...(await egress.post(url, headers, body, cut)) }
  } catch (error) {
    if (error instanceof EgressError) return { kind: 'unanswered', reason: error.reason }
    log.warn({ webhookId, reason: error instanceof Error ? error.message : '' }, 'a webhook was not called')
    return { kind: 'unsigned' }
  }
}

/** Opens the secrets. The current one comes first and must open; an older one signs too, if its key is still there. */
function openAll(keys: SealingKeys, webhookId: string, [current, ...older]: readonly Buffer[]): string[] {
  if (!current) throw new Error('a webhook has no secret')
  const open = (sealed: Buffer) => openSecret(keys, webhookId, sealed)
  return [open(current), ...older.flatMap((sealed) => (hasKeyFor(keys, sealed) ? [open(sealed)] : []))]
}
