import type { Db } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { DomainError, invalid } from '../errors.ts'
import { memberAdded, memberRemoved, roleChanged } from '../events/changes.ts'
import { record } from '../events/record.ts'
import type { Role } from '../roles.ts'
import { knowUsers } from '../users/queries/profiles.ts'
import { type ProfileInput, profileInput } from '../users/user.ts'
import { lockOrgForBackend } from './lock.ts'
import {
  deleteMembers,
  findDifference,
  insertMembers,
  type MemberDifference,
  updateRoles,
} from './queries/sync.ts'

type WantedMember = Pick<ProfileInput, 'email' | 'name'> & {
  readonly userId: string
  readonly role: Role
}

/**
 * Makes the members of an organisation exactly those that a backend wants, in one transaction, and returns what
 * changed. A dry run returns the same and writes nothing.
 *
 * @throws org_not_found, forbidden, invalid_request; last_admin when no wanted member is Admin.
 */
export async function syncMembers(
  db: Db,
  actor: Actor,
  { orgId, members, dryRun }: { orgId: string; members: readonly WantedMember[]; dryRun: boolean },
): Promise<MemberDifference> {
  return db.transaction(async (tx) => {
    await lockOrgForBackend(tx, actor, orgId)
    const wanted = members.map((member, position) => ({
      ...member,
      ...profileInput(member, `/members/${position}`),
    }))
    refuseRepeated(wanted)
    refuseAdminless(wanted)
    const difference = await findDifference(tx, orgId, wanted)
    if (dryRun) return difference
    await knowUsers(tx, wanted)
    const { added, changed, removed } = difference
    if (removed.length > 0) await deleteMembers(tx, orgId, removed)
    if (changed.length > 0) await updateRoles(tx, orgId, changed, actor)
    await insertMembers(
      tx,
      added.map((member) => ({ ...member, orgId })),
      actor,
    )
    await record(
      tx,
      actor,
      orgId,
      ...removed.map(({ userId }) => memberRemoved(userId)),
      ...changed.map(({ userId, previousRole, role }) => roleChanged(userId, previousRole, role)),
      ...added.map(({ userId, role }) => memberAdded(userId, role, 'provisioned')),
    )
    return difference
  })
}

function refuseRepeated(wanted: readonly WantedMember[]): void {
  const seen = new Set<string>()
  for (const [position, { userId }] of wanted.entries()) {
    if (seen.has(userId)) throw invalid(`/members/${position}/userId`, 'This user is named twice.')
    seen.add(userId)
  }
}

/** Applies the rule of `refuseLastAdmin` to the whole set at once. */
function refuseAdminless(wanted: readonly WantedMember[]): void {
  if (!wanted.some(({ role }) => role === 'admin'))
    throw new DomainError('last_admin', 'An organisation needs an Admin. Name one among the members.')
}
