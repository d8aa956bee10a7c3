import { randomUUID } from 'node:crypto'
import { type Db, type Tx, untilNotOvertaken } from '../../db/client.ts'
import { Overtaken } from '../../db/errors.ts'
import { refuseUnscoped } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { DomainError } from '../errors.ts'
import { invitationRevoked, memberRemoved, orgUpdated, userErased } from '../events/changes.ts'
import { lockFeed } from '../events/queries/feed-lock.ts'
import { record, recordAll } from '../events/record.ts'
import { personalOrgName } from '../orgs/org.ts'
import { lockPerson } from './lock.ts'
import {
  deleteMemberships,
  deleteUser,
  giveUpOrgs,
  renameOrgs,
  replacePerson,
  revokeInvitationsTo,
} from './queries/erasure.ts'
import type { Involved } from './queries/involvement.ts'

/**
 * Erases a person everywhere. Their memberships and rights end, and invitations to them are revoked. In what stays for
 * others (who invited, who gave a role, what happened) a pseudonym takes their place, the same one everywhere and
 * derived from nothing. A later sign-in with the same id makes a new person.
 *
 * @returns the pseudonym, for a caller who has to tell other systems.
 * @throws forbidden, user_not_found; last_admin, with the organisations in the way; Overtaken when the person was added
 *   to one organisation after another meanwhile.
 */
export async function eraseUser(
  db: Db,
  actor: Actor,
  { userId }: { userId: string },
): Promise<{ pseudonym: string }> {
  refuseUnscoped(actor, 'muster:write')
  return untilNotOvertaken(db, (tx) => erase(tx, actor, userId))
}

/** @throws Overtaken when one of the person's organisations was not locked. */
async function erase(tx: Tx, actor: Actor, userId: string): Promise<{ pseudonym: string }> {
  const { addresses, involved } = await lockPerson(tx, userId)
  refuseLastAdminships(involved)

  await lockFeed(tx)
  await endEverything(tx, actor, userId, addresses, involved)
  const id = randomUUID()
  const pseudonym = { id: `erased-${id}`, email: `${id}@erased.invalid` }
  const { unanswered } = await replacePerson(tx, userId, addresses, pseudonym)
  if (unanswered) throw new Overtaken()
  await giveUpOrgs(
    tx,
    involved.filter(({ isLastAdmin }) => isLastAdmin).map((org) => org.id),
  )
  await deleteUser(tx, userId)
  await record(tx, actor, null, userErased(pseudonym.id))
  return { pseudonym: pseudonym.id }
}

/** Ends what the person has, and records it with the real ids. The pseudonym replaces them afterwards. */
async function endEverything(
  tx: Tx,
  actor: Actor,
  userId: string,
  addresses: readonly string[],
  involved: readonly Involved[],
): Promise<void> {
  const revoked = await revokeInvitationsTo(tx, addresses)
  const renamed = await renameOrgs(tx, userId, personalOrgName(NOBODY))
  await deleteMemberships(tx, userId)
  await recordAll(tx, actor, [
    ...renamed.map((org) => ({ orgId: org.id, ...orgUpdated(org, { name: org.name }) })),
    ...revoked.map((invitation) => ({ orgId: invitation.orgId, ...invitationRevoked(invitation) })),
    ...involved.flatMap(({ id, isMember }) => (isMember ? { orgId: id, ...memberRemoved(userId) } : [])),
  ])
}

const NOBODY = { name: null, email: null }

/** @throws last_admin, but not for a deleted organisation: it needs no Admin. */
function refuseLastAdminships(involved: readonly Involved[]): void {
  const inTheWay = involved.filter(({ isLastAdmin, deleted }) => isLastAdmin && !deleted)
  if (inTheWay.length > 0)
    throw new DomainError(
      'last_admin',
      'They are the only Admin of organisations. Make somebody else Admin there, or delete them, first.',
      { orgs: inTheWay.map(({ id, name }) => ({ id, name })) },
    )
}
