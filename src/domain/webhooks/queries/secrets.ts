import { and, eq, isNull, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { type Tx, together } from '../../../db/client.ts'
import { prepared } from '../../../db/statement.ts'
import { webhookSecrets } from '../../../db/tables/events.ts'
import { OVERLAP_HOURS } from '../webhook.ts'

const webhookId = sql.placeholder('webhookId')

const secretInserted = prepared('insert_webhook_secret', (db) =>
  db
    .insert(webhookSecrets)
    .values({ id: sql.placeholder('id'), webhookId, sealed: sql.placeholder('sealed') }),
)

export async function insertSecret(tx: Tx, webhookId: string, sealed: Buffer): Promise<void> {
  await secretInserted(tx, { id: uuidv7(), webhookId, sealed })
}

/** The most secrets of a webhook. Each adds a signature to the header, and headers have a limit. */
const MOST_SECRETS = 5

const oldSecretsDeleted = prepared('delete_old_webhook_secrets', (db) =>
  db.delete(webhookSecrets).where(
    sql`webhook_id = ${webhookId} and (expires_at < now() or id not in (
      select id from webhook_secrets where webhook_id = ${webhookId} order by id desc limit ${MOST_SECRETS - 1}))`,
  ),
)

const secretsExpired = prepared('expire_webhook_secrets', (db) =>
  db
    .update(webhookSecrets)
    .set({ expiresAt: sql`now() + make_interval(hours => ${OVERLAP_HOURS})` })
    .where(and(eq(webhookSecrets.webhookId, webhookId), isNull(webhookSecrets.expiresAt))),
)

/**
 * Lets the current secret sign for OVERLAP_HOURS more. Deletes expired secrets, and the oldest if there would be more
 * than MOST_SECRETS with the new one.
 */
export async function retireSecrets(tx: Tx, webhookId: string): Promise<void> {
  await together(oldSecretsDeleted(tx, { webhookId }), secretsExpired(tx, { webhookId }))
}
