import { type Db, together } from '../../db/client.ts'
import { refuseUnscoped } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { orgRestored } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { type Org, orgNotFound } from './org.ts'
import { unmarkDeleted } from './queries/lifecycle.ts'
import { lockRestorableOrg } from './queries/locks.ts'

/**
 * Restores a deleted organisation with its members, and with the invitations that have not lapsed meanwhile. A live
 * organisation stays as it is.
 *
 * @throws forbidden, version_mismatch; org_not_found also when it was deleted more than RESTORABLE_DAYS ago.
 */
export async function restoreOrg(
  db: Db,
  actor: Actor,
  input: { orgId: string; ifMatch?: IfMatch },
): Promise<Org> {
  refuseUnscoped(actor, 'muster:write')
  return db.transaction(async (tx) => {
    const found = await lockRestorableOrg(tx, input.orgId)
    if (!found) throw orgNotFound()
    const { deletedAt, ...org } = found
    refuseStale(org, input.ifMatch)
    if (deletedAt === null) return org
    const [restored] = await together(unmarkDeleted(tx, org.id), record(tx, actor, org.id, orgRestored(org)))
    return restored
  })
}
