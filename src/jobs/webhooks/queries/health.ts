import { eq, sql } from 'drizzle-orm'
import type { Tx } from '../../../db/client.ts'
import { webhooks } from '../../../db/tables/events.ts'
import { FAILING_DAYS } from '../../../domain/webhooks/webhook.ts'

/** Days without a failure after which the next one counts as the first: longer than any pause between two tries. */
const SILENCE = 2

/** State of the webhook now, not when it was called. Its row is locked. */
export interface Failing {
  /** Null when the webhook is deleted. */
  readonly version: number | null
  readonly disabledAsGone: boolean
  /** True when no try has succeeded for FAILING_DAYS. */
  readonly failsForDays: boolean
}

export async function markFailing(tx: Tx, webhookId: string): Promise<Failing> {
  const [row] = await tx
    .update(webhooks)
    .set({
      failingSince: sql`case when failed_at > now() - make_interval(days => ${SILENCE})
        then coalesce(failing_since, now()) else now() end`,
      failedAt: sql`now()`,
    })
    .where(eq(webhooks.id, webhookId))
    .returning({
      version: webhooks.version,
      disabledAsGone: sql<boolean>`coalesce(disabled_reason = 'gone', false)`,
      failsForDays: sql<boolean>`failing_since < now() - make_interval(days => ${FAILING_DAYS})`,
    })
  return row ?? DELETED
}

const DELETED: Failing = { version: null, disabledAsGone: false, failsForDays: false }

/** Needs the row lock of the webhook. */
export async function disableWebhook(tx: Tx, webhookId: string, reason: 'gone' | 'failing'): Promise<void> {
  await tx
    .update(webhooks)
    .set({
      status: 'disabled',
      disabledReason: reason,
      version: sql`${webhooks.version} + 1`,
      updatedAt: sql`now()`,
    })
    .where(eq(webhooks.id, webhookId))
}
