import { type Db, theOne, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { memberAdded, roleChanged } from '../events/changes.ts'
import type { Change } from '../events/event.ts'
import { record } from '../events/record.ts'
import type { Role } from '../roles.ts'
import { knowUsers } from '../users/queries/profiles.ts'
import { type ProfileInput, profileInput } from '../users/user.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { lockOrgForBackend } from './lock.ts'
import { type Member, refuseLastAdmin } from './member.ts'
import { findMember, hasAdminBesides, insertMember, updateRole } from './queries/members.ts'

/**
 * Makes a user a member with this role, whether they were one or not, and stores what the backend knows of them. The
 * same call again is no change.
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
    const [, known, hasAnother] = await together(
      lockOrgForBackend(tx, actor, orgId),
      findMember(tx, orgId, userId),
      hasAdminBesides(tx, orgId, userId),
    )
    refuseStale(known, ifMatch)
    const person = { ...profileInput({ email, name }), userId }
    if (known?.role === 'admin' && role !== 'admin') refuseLastAdmin(hasAnother)
    const [, , , member] = await together(
      knowUsers(tx, [person]),
      known
        ? known.role !== role && updateRole(tx, orgId, userId, role, actor)
        : insertMember(tx, { orgId, userId, role, source: 'provisioned' }, actor),
      record(tx, actor, orgId, ...changesOf(userId, known?.role, role)),
      findMember(tx, orgId, userId),
    )
    return { member: theOne(member), first: !known }
  })
}

function changesOf(userId: string, previous: Role | undefined, role: Role): Change[] {
  if (previous === undefined) return [memberAdded(userId, role, 'provisioned')]
  return previous === role ? [] : [roleChanged(userId, previous, role)]
}
