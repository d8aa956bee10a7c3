import { type Tx, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { DomainError } from '../errors.ts'
import { lockOrgFor } from '../orgs/lock.ts'
import { type IfMatch, refuseStale } from '../version.ts'
import { type Member, memberNotFound } from './member.ts'
import { findMember } from './queries/members.ts'

/**
 * Opens what an Admin does to a member: takes the org's lock, then reads the member.
 *
 * @throws org_not_found, forbidden, member_not_found, version_mismatch.
 */
export async function lockMemberFor(
  tx: Tx,
  actor: Actor,
  { orgId, userId, ifMatch }: { orgId: string; userId: string; ifMatch?: IfMatch },
): Promise<Member> {
  const [, member] = await together(
    lockOrgFor(tx, actor, 'members:manage', orgId),
    findMember(tx, orgId, userId),
  )
  if (!member) throw memberNotFound()
  refuseStale(member, ifMatch)
  return member
}

/**
 * Opens what a backend does to members. Only a backend adds them directly; a user invites them.
 *
 * @throws org_not_found, forbidden.
 */
export async function lockOrgForBackend(tx: Tx, actor: Actor, orgId: string): Promise<void> {
  await lockOrgFor(tx, actor, 'members:manage', orgId)
  if (actor.type === 'user')
    throw new DomainError('forbidden', 'Only a service can add members directly. Invite them instead.')
}
