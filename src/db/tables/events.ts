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

/** One row for each event. No foreign key: events outlive their organisation. */
export const events = pgTable(
  'events',
  {
    id: id().primaryKey(),
    // Null for an event of no organisation.
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
    // Orders the events of one organisation. Across organisations, an event with a lower serial may commit later.
    serial: counted('serial').generatedAlwaysAsIdentity(),
  },
  (table) => [
    uniqueIndex('events_sequence').on(table.orgId, table.sequence),
    // Serve the audit log: all events, those of one type, those of one actor. An erasure looks for an actor everywhere.
    index('events_occurred').on(table.orgId, table.occurredAt, table.sequence),
    index('events_type').on(table.orgId, table.type, table.occurredAt, table.sequence),
    index('events_actor').on(table.actorId, table.orgId, table.occurredAt, table.sequence),
    index('events_subject').on(table.subjectId),
    // Finds events that name an invited address.
    index('events_email').on(sql`(data ->> 'email')`).where(sql`data ? 'email'`),
    // Fails the transaction of an event that would be numbered by an organisation that does not exist.
    check('events_counted', sql`(org_id is null) = (sequence is null)`),
  ],
)

/**
 * Places of events in the feed over all organisations, given after the commit; see docs/decisions. Kept apart from the
 * events, whose indexes would all be written a second time. No foreign key, which would need an index for every event
 * that is deleted: the code that deletes events deletes their places.
 */
export const feedPlaces = pgTable('feed_places', {
  position: counted('position').primaryKey(),
  eventId: uuid('event_id').notNull(),
})

/** Events that have no place yet. Each row is written with its event. */
export const feedQueue = pgTable('feed_queue', {
  // The serial of the event.
  serial: counted('serial').primaryKey(),
  eventId: uuid('event_id').notNull(),
  type: text('type').notNull(),
})

/** One row: the last place that was given, and the last place that was purged. */
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
  // The first failure after the last success.
  failingSince: time('failing_since'),
  failedAt: time('failed_at'),
  version: version(),
  createdAt: time('created_at').notNull().defaultNow(),
  updatedAt: time('updated_at').notNull().defaultNow(),
})

/** Signing secrets, encrypted; see docs/decisions. Every secret that has not expired signs. */
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

/** The delivery of one event to one endpoint, and its outcome. */
export const deliveries = pgTable(
  'deliveries',
  {
    id: id().primaryKey(),
    // No foreign key: deleting a webhook takes no longer when it has had many deliveries.
    webhookId: uuid('webhook_id').notNull(),
    eventId: uuid('event_id')
      .notNull()
      .references(() => events.id, { onDelete: 'cascade' }),
    status: text('status').$type<'pending' | 'succeeded' | 'failed'>().notNull().default('pending'),
    attempts: smallint('attempts').notNull().default(0),
    // While an attempt runs, its lease: after this time it counts as abandoned.
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
