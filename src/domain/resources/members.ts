import type { Db } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { type EffectiveMember, listEffectiveMembers } from './queries/members.ts'
import { refuseResourceReader } from './rights.ts'

/**
 * Lists all users with a right on the resource, and where it comes from. Runs one statement. @throws as `getResource`.
 */
export async function listResourceMembers(
  db: Db,
  actor: Actor,
  {
    orgId,
    resourceId,
    ...page
  }: { orgId: string; resourceId: string; after?: string | undefined; limit: number },
): Promise<EffectiveMember[]> {
  const found = await listEffectiveMembers(db.sql, actor, { orgId, resourceId }, page)
  refuseResourceReader(actor, found, 'resource:read')
  return found?.rows ?? []
}
