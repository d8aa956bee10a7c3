import { type Db, together } from '../../db/client.ts'
import { refuseService } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { invalid } from '../errors.ts'
import { memberLeft, roleChanged } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { lockOrgFor } from '../orgs/lock.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { type Member, memberNotFound } from './member.ts'
import { deleteMember, findMember, updateRole } from './queries/members.ts'

/**
 * Hands the organisation over: another member becomes Admin, and the caller, an Admin, steps down or leaves, in one
 * transaction.
 *
 * @returns the new Admin.
 * @throws org_not_found, forbidden, version_mismatch (of the org), member_not_found, invalid_request to oneself.
 */
export async function transferOrg(
  db: Db,
  actor: Actor,
  input: { orgId: string; toUserId: string; then: 'member' | 'accounting' | 'leave'; ifMatch?: IfMatch },
): Promise<Member> {
  refuseService(actor)
  const { orgId, toUserId, then, ifMatch } = input
  if (toUserId === actor.id)
    throw invalid('/toUserId', 'Name somebody else: you cannot hand over to yourself.')
  return db.transaction(async (tx) => {
    const [org, successor] = await together(
      lockOrgFor(tx, actor, 'members:manage', orgId),
      findMember(tx, orgId, toUserId),
    )
    refuseStale(org, ifMatch)
    if (!successor) throw memberNotFound()
    const isAdmin = successor.role === 'admin'
    const [admin] = await together(
      isAdmin ? successor : updateRole(tx, orgId, toUserId, 'admin', actor),
      then === 'leave' ? deleteMember(tx, orgId, actor.id) : updateRole(tx, orgId, actor.id, then, actor),
      record(
        tx,
        actor,
        orgId,
        ...(isAdmin ? [] : [roleChanged(toUserId, successor.role, 'admin')]),
        then === 'leave' ? memberLeft(actor.id) : roleChanged(actor.id, 'admin', then),
      ),
    )
    return { ...successor, ...admin }
  })
}
