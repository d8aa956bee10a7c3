import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytes, id, time, version } from './columns.ts'

const counted = (name: string) => bigint(name, { mode: 'number' })

/** What happened. Without a foreign key: events outlive their organisation. */
export const events = pgTable(
  'events',
  {
    id: id().primaryKey(),
    // Null: it is of no organisation.
    orgId: uuid('org_id'),
    // Counts the events of the organisation, without gaps.
    sequence: counted('sequence'),
    type: text('type').notNull(),
    actorType: text('actor_type').$type<'user' | 'service' | 'system'>().notNull(),
    actorId: text('actor_id'),
    subjectType: text('subject_type').notNull(),
    subjectId: text('subject_id').notNull(),
    data: jsonb('data').$type<Record<string, unknown>>().notNull(),
    occurredAt: time('occurred_at').notNull(),
    // The order of writing, for those of one organisation. Others may still be committed before it.
    serial: counted('serial').generatedAlwaysAsIdentity(),
  },
  (table) => [
    uniqueIndex('events_sequence').on(table.orgId, table.sequence),
    // The audit log: all of it, of one type, and of one actor, whose events an erasure looks for everywhere.
    index('events_occurred').on(table.orgId, table.occurredAt, table.sequence),
    index('events_type').on(table.orgId, table.type, table.occurredAt, table.sequence),
    index('events_actor').on(table.actorId, table.orgId, table.occurredAt, table.sequence),
    index('events_subject').on(table.subjectId),
    // Whom invitations were for.
    index('events_email').on(sql`(data ->> 'email')`).where(sql`data ? 'email'`),
    // What would be numbered by an organisation that is not there fails, and its transaction with it.
    check('events_counted', sql`(org_id is null) = (sequence is null)`),
  ],
)

/**
 * The places of events in the feed over all organisations, given after the commit; see docs/decisions. Apart from the
 * events, whose indexes would all be written a second time. Without a foreign key, which would need an index for every
 * event that is deleted: who deletes events deletes their places.
 */
export const feedPlaces = pgTable('feed_places', {
  position: counted('position').primaryKey(),
  eventId: uuid('event_id').notNull(),
})

/** Events that have no place yet, written with them. */
export const feedQueue = pgTable('feed_queue', {
  // Of the event.
  serial: counted('serial').primaryKey(),
  eventId: uuid('event_id').notNull(),
  type: text('type').notNull(),
})

/** One row: how far the feed goes, and up to where old events have been purged from it. */
export const feed = pgTable(
  'feed',
  {
    one: boolean('one').primaryKey().default(true),
    placed: counted('placed').notNull().default(0),
    purged: counted('purged').notNull().default(0),
  },
  () => [check('feed_one', sql`one`)],
)

export const webhooks = pgTable('webhooks', {
  id: id().primaryKey(),
  url: text('url').notNull(),
  description: text('description'),
  // Null: all types.
  types: text('types').array(),
  status: text('status').$type<'enabled' | 'disabled'>().notNull().default('enabled'),
  disabledReason: text('disabled_reason').$type<'requested' | 'gone' | 'failing'>(),
  // Since the first failure after the last success.
  failingSince: time('failing_since'),
  failedAt: time('failed_at'),
  version: version(),
  createdAt: time('created_at').notNull().defaultNow(),
  updatedAt: time('updated_at').notNull().defaultNow(),
})

/** Encrypted; see docs/decisions. All that have not expired sign. */
export const webhookSecrets = pgTable(
  'webhook_secrets',
  {
    id: id().primaryKey(),
    webhookId: uuid('webhook_id')
      .notNull()
      .references(() => webhooks.id, { onDelete: 'cascade' }),
    sealed: bytes('sealed').notNull(),
    // Null: the current one.
    expiresAt: time('expires_at'),
  },
  (table) => [index('webhook_secrets_webhook').on(table.webhookId)],
)

/** One event on its way to one endpoint, and what became of it. */
export const deliveries = pgTable(
  'deliveries',
  {
    id: id().primaryKey(),
    // Without a foreign key: a webhook is deleted at once, however many deliveries it has had.
    webhookId: uuid('webhook_id').notNull(),
    eventId: uuid('event_id')
      .notNull()
      .references(() => events.id, { onDelete: 'cascade' }),
    status: text('status').$type<'pending' | 'succeeded' | 'failed'>().notNull().default('pending'),
    attempts: smallint('attempts').notNull().default(0),
    // While an attempt runs, this is when it counts as abandoned.
    nextAttemptAt: time('next_attempt_at').defaultNow(),
    lastAttemptAt: time('last_attempt_at'),
    responseStatus: smallint('response_status'),
    // Milliseconds.
    duration: integer('duration'),
    failure: text('failure'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [
    index('deliveries_webhook').on(table.webhookId, table.id),
    index('deliveries_status').on(table.webhookId, table.status, table.id),
    index('deliveries_due').on(table.webhookId, table.nextAttemptAt, table.id).where(sql`status = 'pending'`),
    index('deliveries_event').on(table.eventId),
    check('deliveries_next', sql`(status = 'pending') = (next_attempt_at is not null)`),
  ],
)
