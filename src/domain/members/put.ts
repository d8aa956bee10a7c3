import { type Db, type Tx, theOne } from '../../db/client.ts'
import { lockOrgFor } from '../access/authorize.ts'
import type { Actor } from '../actor.ts'
import { DomainError } from '../errors.ts'
import { memberAdded, roleChanged } from '../events/changes.ts'
import { record } from '../events/record.ts'
import type { Role } from '../roles.ts'
import { knowUsers } from '../users/queries/profiles.ts'
import { type ProfileInput, profileInput } from '../users/user.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { refuseLastAdmin } from './last-admin.ts'
import type { Member } from './member.ts'
import { findMember, insertMember, updateRole } from './queries/members.ts'

/**
 * A backend says that somebody is a member, with this role, whether they were or not, and what it knows of them. Told
 * again, it is no change. Nine round trips.
 *
 * @returns the member, and whether they are new.
 * @throws org_not_found, forbidden, invalid_request, version_mismatch (of the membership), last_admin.
 */
export async function putMember(
  db: Db,
  actor: Actor,
  input: ProfileInput & { orgId: string; userId: string; role: Role; ifMatch?: IfMatch },
): Promise<{ member: Member; first: boolean }> {
  const { orgId, userId, role, ifMatch, email, name } = input
  return db.transaction(async (tx) => {
    await lockOrgForBackend(tx, actor, orgId)
    const known = await findMember(tx, orgId, userId)
    refuseStale(known, ifMatch)
    await knowUsers(tx, [{ ...profileInput({ email, name }), userId }])
    if (!known) {
      await insertMember(tx, { orgId, userId, role, source: 'provisioned' }, actor)
      await record(tx, actor, orgId, memberAdded(userId, role, 'provisioned'))
    } else if (known.role !== role) {
      if (known.role === 'admin') await refuseLastAdmin(tx, orgId, userId)
      await updateRole(tx, orgId, userId, role, actor)
      await record(tx, actor, orgId, roleChanged(userId, known.role, role))
    }
    return { member: theOne(await findMember(tx, orgId, userId)), first: !known }
  })
}

/** Who is in an organisation is said by a backend, or comes of an invitation. @throws org_not_found, forbidden. */
export async function lockOrgForBackend(tx: Tx, actor: Actor, orgId: string): Promise<void> {
  await lockOrgFor(tx, actor, 'members:manage', orgId)
  if (actor.type === 'user')
    throw new DomainError('forbidden', 'Only a service puts people in. Invite them instead.')
}
