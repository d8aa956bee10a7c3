import { and, eq, isNotNull, sql } from 'drizzle-orm'
import type { Sql, Tx } from '../../../db/client.ts'
import { webhooks } from '../../../db/tables/events.ts'
import { FAILING_DAYS } from '../../../domain/webhooks/webhook.ts'

/** Of nearly every success there is nothing to write, and no row to lock. */
export async function markHealthy(db: Sql, webhookId: string): Promise<void> {
  await db
    .update(webhooks)
    .set({ failingSince: null })
    .where(and(eq(webhooks.id, webhookId), isNotNull(webhooks.failingSince)))
}

/** Days without a failure after which the next one is the first again: longer than any pause between two tries. */
const SILENCE = 2

/** As it is now, whatever it was when it was called; locked. */
export interface Failing {
  /** Null: it is deleted. */
  readonly version: number | null
  readonly disabledAsGone: boolean
  /** Nothing has got through for FAILING_DAYS in which it was tried. */
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

/** Under its lock. */
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
