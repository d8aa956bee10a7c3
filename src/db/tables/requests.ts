import { index, pgTable } from 'drizzle-orm/pg-core'
import { bytes, id, time } from './columns.ts'

/** First answers, kept 24 h. Both columns that could tell something are hashed or sealed; see docs/decisions. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    id: bytes('id').primaryKey(),
    fingerprint: bytes('fingerprint').notNull(),
    answer: bytes('answer').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [index('idempotency_keys_created').on(table.createdAt)],
)

/** Wrong codes, by the hash of who tried. They count for a minute, and are deleted within about the hour. */
export const wrongCodes = pgTable(
  'wrong_codes',
  {
    id: id().primaryKey(),
    triedBy: bytes('tried_by').notNull(),
    triedAt: time('tried_at').notNull().defaultNow(),
  },
  (table) => [
    index('wrong_codes_tried').on(table.triedBy, table.triedAt),
    index('wrong_codes_old').on(table.triedAt),
  ],
)
