import type { Tx } from '../../db/client.ts'
import type { By } from '../actor.ts'
import type { Change } from './event.ts'
import { insertEvents } from './queries/insert.ts'

/**
 * Notes what has just changed, in the transaction that changes it: each change has its event, or neither is there.
 * The caller holds the org's lock, so that the events of an organisation are numbered in the order of its changes,
 * without gaps.
 *
 * @param by null: nobody asked for it; Muster itself did it.
 * @param orgId null: it is of no organisation.
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

/** The same for changes in several organisations, of which the caller holds all locks. */
export async function recordAll(
  tx: Tx,
  by: By | null,
  changes: readonly (Change & { readonly orgId: string | null })[],
): Promise<string[]> {
  return changes.length > 0 ? insertEvents(tx, changes, by) : []
}
