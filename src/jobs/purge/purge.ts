import type { Db, Sql } from '../../db/client.ts'
import {
  deleteOldDeliveries,
  deleteOldEvents,
  deleteOldGrants,
  deleteOldIdempotencyKeys,
  deleteOldInvitations,
  deleteOldMembers,
  deleteOldOrgs,
  deleteOldResources,
  deleteOldWrongCodes,
} from './queries.ts'

/** Milliseconds for one table. The next hourly run deletes the rest. */
const TIME = 12_000

/**
 * Deletes expired rows in small batches: kept answers, wrong codes, deliveries, events, and organisations that can no
 * longer be restored.
 *
 * @param eventsKeptDays null keeps events for ever.
 */
export async function purge(db: Db, eventsKeptDays: number | null): Promise<void> {
  await inBatches(db.sql, deleteOldIdempotencyKeys)
  await inBatches(db.sql, deleteOldWrongCodes)
  await inBatches(db.sql, deleteOldDeliveries)
  if (eventsKeptDays !== null)
    await inBatches(db.sql, () => db.transaction((tx) => deleteOldEvents(tx, eventsKeptDays)))
  await inBatches(db.sql, deleteOldInvitations)
  await inBatches(db.sql, deleteOldGrants)
  await inBatches(db.sql, deleteOldMembers)
  await inBatches(db.sql, deleteOldResources)
  await inBatches(db.sql, deleteOldOrgs)
}

async function inBatches(db: Sql, deleteBatch: (db: Sql) => Promise<number>): Promise<void> {
  const end = Date.now() + TIME
  while (Date.now() < end && (await deleteBatch(db)) > 0);
}
