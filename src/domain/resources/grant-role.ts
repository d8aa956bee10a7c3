import type { Db, Tx } from '../../db/client.ts'
import { lockResourceFor } from '../access/authorize-resource.ts'
import type { Actor } from '../actor.ts'
import { grantAdded, grantChanged, memberAdded } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { memberNotFound } from '../members/member.ts'
import { findMember, insertMember } from '../members/queries/members.ts'
import type { Role } from '../roles.ts'
import { ensureUser } from '../users/queries/profiles.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import type { Grant } from './grant.ts'
import { findGrant, putGrant } from './queries/grants.ts'

/**
 * Gives a member a role on a resource, or another one than they had. A service may name anybody, who becomes a Member
 * of the organisation in the same transaction. The role they have already is no change. Eight round trips,
 * eleven for who was not a member.
 *
 * @returns the grant, and whether it is new.
 * @throws org_not_found, resource_not_found, forbidden, member_not_found, version_mismatch (of the grant).
 */
export async function grantRole(
  db: Db,
  actor: Actor,
  input: { orgId: string; resourceId: string; userId: string; role: Role; ifMatch?: IfMatch },
): Promise<{ grant: Grant; first: boolean }> {
  const { role, ifMatch } = input
  return db.transaction(async (tx) => {
    await lockResourceFor(tx, actor, 'resource:grant', input)
    await ensureMember(tx, actor, input)
    const known = await findGrant(tx, input)
    refuseStale(known, ifMatch)
    if (known?.role === role) return { grant: known, first: false }
    const grant = await putGrant(tx, actor, input)
    const change = known ? grantChanged(grant.userId, grant, known.role) : grantAdded(grant.userId, grant)
    await record(tx, actor, grant.orgId, change)
    return { grant, first: !known }
  })
}

async function ensureMember(
  tx: Tx,
  actor: Actor,
  { orgId, userId }: { orgId: string; userId: string },
): Promise<void> {
  if (await findMember(tx, orgId, userId)) return
  if (actor.type === 'user') throw memberNotFound()
  await ensureUser(tx, { id: userId, email: null, emailVerified: false, name: null })
  await insertMember(tx, { orgId, userId, role: 'member', source: 'provisioned' }, actor)
  await record(tx, actor, orgId, memberAdded(userId, 'member', 'provisioned'))
}
