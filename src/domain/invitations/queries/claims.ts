import { and, eq, isNull, type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../../db/client.ts'
import { prepared, preparedForGiven, preparedText } from '../../../db/statement.ts'
import { invitations } from '../../../db/tables/invitations.ts'
import { orgs } from '../../../db/tables/orgs.ts'
import type { User } from '../../actor.ts'
import type { Claim, Key } from '../claim.ts'
import type { Invitation } from '../invitation.ts'
import type { Recent } from '../limits.ts'
import {
  hasAccepted,
  INVITATION,
  type InvitationRef,
  inviterIsAdmin,
  isMember,
  isPending,
  isThis,
  nextVersion,
  refOf,
} from './columns.ts'
import { guesses } from './guesses.ts'

/** True for the invitation that a `Key` opens now. A code that a resend has replaced opens none. */
export function opens(given: ReadonlySet<string>): SQL | undefined {
  if (given.has('id'))
    return and(eq(invitations.id, sql.placeholder('id')), eq(invitations.email, sql.placeholder('email')))
  return sql`(invitations.org_id, invitations.id) =
    (select org_id, invitation_id from invitation_codes where hash = ${sql.placeholder('hash')})`
}

type Held = Key & { readonly triedBy: readonly Buffer[] }

const lockedOrg = preparedForGiven<Held, LockedOrg[]>('lock_org_of_invitation', (db, given) =>
  db
    .select({ orgId: invitations.orgId, guesses })
    .from(invitations)
    .innerJoin(orgs, eq(orgs.id, invitations.orgId))
    .where(and(opens(given), isNull(orgs.deletedAt)))
    .for('no key update', { of: orgs }),
)

interface LockedOrg {
  readonly orgId: string
  readonly guesses: Recent | null
}

/**
 * Locks the live org that the invitation leads to, before anything of the invitation is relied on. Also counts how
 * often the caller has guessed.
 */
export async function lockOrgOfInvitation(
  tx: Tx,
  key: Key,
  triedBy: readonly Buffer[],
): Promise<LockedOrg | undefined> {
  const [locked] = await lockedOrg(tx, { ...key, triedBy })
  return locked
}

const claim = preparedForGiven<Key & { readonly userId: string }, Claim[]>('claim', (db, given) =>
  db
    .select({
      invitation: INVITATION,
      inviterIsAdmin,
      callerIsMember: isMember(sql.placeholder('userId')),
      callerAccepted: hasAccepted(sql.placeholder('userId')),
    })
    .from(invitations)
    .where(opens(given)),
)

/** Reads under the org's lock: no other transaction can change the result before this one ends. */
export async function findClaim(tx: Tx, key: Key, user: User): Promise<Claim | undefined> {
  const [found] = await claim(tx, { ...key, userId: user.id })
  return found
}

const use = preparedText(
  'claim_use',
  sql`with used as (
      update invitations set uses = uses + 1, version = version + 1,
        status = case when uses + 1 = max_uses then 'accepted' else 'pending' end,
        accepted_at = case when uses + 1 = max_uses then now() end
      where org_id = ${sql.placeholder('orgId')} and id = ${sql.placeholder('id')}
        and status = 'pending' and expires_at > now() and uses < max_uses
      returning org_id, id)
    insert into acceptances (org_id, invitation_id, user_id)
    select org_id, id, ${sql.placeholder('userId')} from used`,
)

/** Claims one use for this user by compare-and-set: of many concurrent claims, only `maxUses` succeed. */
export async function claimUse(tx: Tx, ref: InvitationRef, userId: string): Promise<boolean> {
  const { rowCount } = await use(tx, { ...refOf(ref), userId })
  return rowCount === 1
}

const declination = prepared('mark_declined', (db) =>
  db
    .update(invitations)
    .set({
      status: 'declined',
      declinedAt: sql`now()`,
      declineReason: sql`${sql.placeholder('reason')}`,
      declinedBy: sql`${sql.placeholder('userId')}`,
      version: nextVersion,
    })
    .where(and(isThis, isPending))
    .returning(INVITATION),
)

export async function markDeclined(
  tx: Tx,
  ref: InvitationRef,
  reason: string | null,
  userId: string,
): Promise<Invitation | undefined> {
  const [declined] = await declination(tx, { ...refOf(ref), reason, userId })
  return declined
}
