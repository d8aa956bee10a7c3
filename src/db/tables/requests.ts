import { index, pgTable } from 'drizzle-orm/pg-core'
import { bytes, id, time } from './columns.ts'

/** Kept answers, for 24 h. The columns that could reveal something are hashed or sealed; see docs/decisions. */
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

/** Wrong codes, by the hash of the caller or address. They count for a minute, and are deleted within about an hour. */
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
