import { and, eq, getTableColumns, gt, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { type Sql, type Tx, theOne, together } from '../../../db/client.ts'
import { prepared, preparedForGiven, preparedText } from '../../../db/statement.ts'
import { webhooks } from '../../../db/tables/events.ts'
import type { EventType } from '../../events/event.ts'
import type { Webhook } from '../webhook.ts'

const { failedAt: _failedAt, ...columns } = getTableColumns(webhooks)
const WEBHOOK = { ...columns, types: sql<EventType[] | null>`types` }

const isThis = eq(webhooks.id, sql.placeholder('id'))

const addersLocked = preparedText(
  'lock_who_adds_webhooks',
  sql`select pg_advisory_xact_lock(hashtextextended('webhooks', 0))`,
)

const webhooksCounted = preparedText<{ count: number }>(
  'count_webhooks',
  sql`select count(*)::int as count from webhooks`,
)

/**
 * Counts the webhooks under a lock: callers who add one take turns, so that two cannot both add the last one allowed.
 */
export async function countWebhooks(tx: Tx): Promise<number> {
  const [, { rows }] = await together(addersLocked(tx), webhooksCounted(tx))
  return theOne(rows[0]).count
}

export function newWebhookId(): string {
  return uuidv7()
}

const webhookInserted = prepared('insert_webhook', (db) =>
  db
    .insert(webhooks)
    .values({
      id: sql.placeholder('id'),
      url: sql.placeholder('url'),
      types: sql`${sql.placeholder('types')}::text[]`,
      description: sql.placeholder('description'),
    })
    .returning(WEBHOOK),
)

export async function insertWebhook(
  tx: Tx,
  webhook: Pick<Webhook, 'id' | 'url' | 'types' | 'description'>,
): Promise<Webhook> {
  const [inserted] = await webhookInserted(tx, webhook)
  return theOne(inserted)
}

const lockedWebhook = prepared('lock_webhook', (db) =>
  db.select(WEBHOOK).from(webhooks).where(isThis).for('no key update'),
)

export async function lockWebhook(tx: Tx, id: string): Promise<Webhook | undefined> {
  const [webhook] = await lockedWebhook(tx, { id })
  return webhook
}

export type WebhookChange = Partial<Pick<Webhook, 'url' | 'types' | 'description' | 'status'>>

type Edit = WebhookChange & {
  readonly id: string
  readonly disabledReason?: 'requested' | null | undefined
  readonly beginsAnew?: true | undefined
}

const webhookUpdated = preparedForGiven<Edit, Webhook[]>('update_webhook', (db, given) => {
  const set = (name: keyof Edit) => given.has(name) && { [name]: sql`${sql.placeholder(name)}` }
  return db
    .update(webhooks)
    .set({
      ...set('url'),
      ...(given.has('types') && { types: sql`${sql.placeholder('types')}::text[]` }),
      ...set('description'),
      ...set('status'),
      ...set('disabledReason'),
      ...(given.has('beginsAnew') && { failingSince: null }),
      version: sql`${webhooks.version} + 1`,
      updatedAt: sql`now()`,
    })
    .where(isThis)
    .returning(WEBHOOK)
})

/** Sets the given fields. Enabling a webhook or changing its URL resets its failure history. */
export async function updateWebhookRow(tx: Tx, id: string, change: WebhookChange): Promise<Webhook> {
  const { url, status } = change
  const [updated] = await webhookUpdated(tx, {
    ...change,
    id,
    ...(status && { disabledReason: status === 'disabled' ? 'requested' : null }),
    ...((status === 'enabled' || url) && { beginsAnew: true }),
  })
  return theOne(updated)
}

const webhookDeleted = prepared('delete_webhook', (db) => db.delete(webhooks).where(isThis))

/**
 * Deletes a webhook and its secrets. Its deliveries, of which there may be millions, stay until they are old enough to
 * go.
 */
export async function deleteWebhookRow(tx: Tx, id: string): Promise<void> {
  await webhookDeleted(tx, { id })
}

interface WebhookFilter {
  readonly id?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

const webhookPage = preparedForGiven<WebhookFilter, Webhook[]>('webhooks', (db, given) =>
  db
    .select(WEBHOOK)
    .from(webhooks)
    .where(
      and(
        given.has('id') ? isThis : undefined,
        given.has('after') ? gt(webhooks.id, sql.placeholder('after')) : undefined,
      ),
    )
    .orderBy(webhooks.id)
    .limit(sql.placeholder('limit')),
)

/** Returns webhooks in the order of creation, at most `limit` + 1: the extra one means that there are more. */
export async function listWebhookRows(db: Sql, filter: WebhookFilter): Promise<Webhook[]> {
  return webhookPage(db, { ...filter, limit: filter.limit + 1 })
}
