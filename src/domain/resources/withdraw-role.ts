import { type Db, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { grantRemoved } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { grantNotFound } from './grant.ts'
import { lockResourceFor } from './lock.ts'
import { deleteGrant, findGrant } from './queries/grants.ts'

/**
 * Takes back the grant on this very resource. It has ended once this answers; the member keeps rights from above.
 *
 * @throws org_not_found, resource_not_found, forbidden, grant_not_found, version_mismatch (of the grant).
 */
export async function withdrawRole(
  db: Db,
  actor: Actor,
  input: { orgId: string; resourceId: string; userId: string; ifMatch?: IfMatch },
): Promise<void> {
  await db.transaction(async (tx) => {
    const [, grant] = await together(
      lockResourceFor(tx, actor, 'resource:grant', input),
      findGrant(tx, input),
    )
    if (!grant) throw grantNotFound()
    refuseStale(grant, input.ifMatch)
    await together(deleteGrant(tx, input), record(tx, actor, input.orgId, grantRemoved(input.userId, grant)))
  })
}
