import type { Tx } from '../../db/client.ts'
import type { By } from '../actor.ts'
import type { Change } from './event.ts'
import { insertEvents } from './queries/insert.ts'

/**
 * Records a change in the transaction that makes it: both the change and its event are committed, or neither. The
 * caller holds the org's lock, so the events of an organisation are numbered in the order of its changes, without gaps.
 *
 * @param by null when no caller asked for the change: Muster itself made it.
 * @param orgId null when the change belongs to no organisation.
 * @returns the ids of the events.
 */
export async function record(
  tx: Tx,
  by: By | null,
  orgId: string | null,
  ...changes: readonly Change[]
): Promise<string[]> {
  return recordAll(
    tx,
    by,
    changes.map((change) => ({ ...change, orgId })),
  )
}

/** Records changes in several organisations; the caller holds all their locks. */
export async function recordAll(
  tx: Tx,
  by: By | null,
  changes: readonly (Change & { readonly orgId: string | null })[],
): Promise<string[]> {
  return changes.length > 0 ? insertEvents(tx, changes, by) : []
}
