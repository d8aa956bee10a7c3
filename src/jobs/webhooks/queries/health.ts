import { and, eq, isNotNull, sql } from 'drizzle-orm'
import type { Sql, Tx } from '../../../db/client.ts'
import { webhooks } from '../../../db/tables/events.ts'
import { FAILING_DAYS } from '../../../domain/webhooks/webhook.ts'
import type { Attempt } from './attempts.ts'

/** Of nearly every success there is nothing to write, and no row to lock. */
export async function markHealthy(db: Sql, webhookId: string): Promise<void> {
  await db
    .update(webhooks)
    .set({ failingSince: null })
    .where(and(eq(webhooks.id, webhookId), isNotNull(webhooks.failingSince)))
}

/** Days without a failure after which the next one is the first again: longer than any pause between two tries. */
const SILENCE = 2

/** Answers whether nothing has got through for FAILING_DAYS in which it was tried. */
export async function markFailing(tx: Tx, webhookId: string): Promise<boolean> {
  const [row] = await tx
    .update(webhooks)
    .set({
      failingSince: sql`case when failed_at > now() - make_interval(days => ${SILENCE})
        then coalesce(failing_since, now()) else now() end`,
      failedAt: sql`now()`,
    })
    .where(eq(webhooks.id, webhookId))
    .returning({
      forDays: sql<boolean>`failing_since < now() - make_interval(days => ${FAILING_DAYS})`,
    })
  return row?.forDays === true
}

/** False when it is disabled already, deleted, or was changed since it was called: it may lead elsewhere now. */
export async function disableWebhook(
  tx: Tx,
  { webhookId, version }: Pick<Attempt, 'webhookId' | 'version'>,
  reason: 'gone' | 'failing',
): Promise<boolean> {
  const disabled = await tx
    .update(webhooks)
    .set({
      status: 'disabled',
      disabledReason: reason,
      version: sql`${webhooks.version} + 1`,
      updatedAt: sql`now()`,
    })
    .where(and(eq(webhooks.id, webhookId), eq(webhooks.status, 'enabled'), eq(webhooks.version, version)))
    .returning({ id: webhooks.id })
  return disabled.length === 1
}
