import { and, eq, inArray, isNull, lte, type SQL, sql } from 'drizzle-orm'
import { type Tx, theOne } from '../../../db/client.ts'
import { violatedConstraint } from '../../../db/errors.ts'
import { acceptances, invitations } from '../../../db/tables/invitations.ts'
import { orgs } from '../../../db/tables/orgs.ts'
import type { Actor, User } from '../../actor.ts'
import { DomainError } from '../../errors.ts'
import type { Claim, Draft, Invitation, InvitationChange } from '../invitation.ts'
import { hasAccepted, INVITATION, inviterIsAdmin, isMember, isPending } from './columns.ts'

/** How an invitation is named by who holds it: by its code, or by its id to the verified address it is for. */
export type Key = { readonly hash: Buffer } | { readonly id: string; readonly email: string }

export type Place = Pick<Invitation, 'orgId' | 'id'>

const isThis = ({ orgId, id }: Place) => and(eq(invitations.orgId, orgId), eq(invitations.id, id))
const inDays = (days: number | typeof invitations.expiresInDays) =>
  sql`now() + make_interval(days => ${days})`
const nextVersion = sql`${invitations.version} + 1`

/** True of the invitation that the key opens now; a code that a resend has replaced opens none. */
export function opens(key: Key): SQL | undefined {
  if ('id' in key) return and(eq(invitations.id, key.id), eq(invitations.email, key.email))
  return sql`(invitations.org_id, invitations.id) = (select org_id, invitation_id from invitation_codes where hash = ${key.hash})`
}

/** Locks the live org that the invitation leads to, before anything of the invitation is believed. */
export async function lockOrgOfInvitation(tx: Tx, key: Key): Promise<Place | undefined> {
  const [place] = await tx
    .select({ orgId: invitations.orgId, id: invitations.id })
    .from(invitations)
    .innerJoin(orgs, eq(orgs.id, invitations.orgId))
    .where(and(opens(key), isNull(orgs.deletedAt)))
    .for('no key update', { of: orgs })
  return place
}

/** Read anew under the org's lock: nobody can change an answer of this before the transaction ends. */
export async function findClaim(tx: Tx, place: Place, key: Key, user: User): Promise<Claim | undefined> {
  const [claim] = await tx
    .select({
      invitation: INVITATION,
      inviterIsAdmin,
      callerIsMember: isMember(user.id),
      callerAccepted: hasAccepted(user.id),
    })
    .from(invitations)
    .where(and(isThis(place), opens(key)))
  return claim
}

export async function findInvitation(tx: Tx, place: Place): Promise<Invitation | undefined> {
  const [invitation] = await tx.select(INVITATION).from(invitations).where(isThis(place))
  return invitation
}

/** Frees the address of an invitation that nobody answered in time, so that the unique index lets a new one in. */
export async function retireLapsed(tx: Tx, orgId: string, email: string): Promise<void> {
  await tx
    .update(invitations)
    .set({ status: 'expired', version: nextVersion })
    .where(
      and(
        eq(invitations.orgId, orgId),
        eq(invitations.email, email),
        eq(invitations.status, 'pending'),
        lte(invitations.expiresAt, sql`now()`),
      ),
    )
}

/** @throws already_invited. */
export async function insertInvitation(
  tx: Tx,
  orgId: string,
  inviter: Actor,
  draft: Draft,
): Promise<Invitation> {
  const { notify, ...stored } = draft
  const [invitation] = await tx
    .insert(invitations)
    .values({
      ...stored,
      orgId,
      ...by(inviter),
      delivery: notify ? 'queued' : 'none',
      expiresAt: inDays(draft.expiresInDays),
    })
    .returning(INVITATION)
    .catch(refuseInvited)
  return theOne(invitation)
}

/** Takes one use, if there is one to take: of many at the same time only `maxUses` succeed. */
export async function claimUse(tx: Tx, place: Place): Promise<boolean> {
  const lastUse = sql`${invitations.uses} + 1 = ${invitations.maxUses}`
  const claimed = await tx
    .update(invitations)
    .set({
      uses: sql`${invitations.uses} + 1`,
      status: sql`case when ${lastUse} then 'accepted' else 'pending' end`,
      acceptedAt: sql`case when ${lastUse} then now() end`,
      version: nextVersion,
    })
    .where(and(isThis(place), isPending, sql`${invitations.uses} < ${invitations.maxUses}`))
    .returning({ id: invitations.id })
  return claimed.length === 1
}

export async function insertAcceptance(tx: Tx, { orgId, id }: Place, userId: string): Promise<void> {
  await tx.insert(acceptances).values({ orgId, invitationId: id, userId })
}

export async function markDeclined(
  tx: Tx,
  place: Place,
  declineReason: string | null,
  declinedBy: string,
): Promise<Invitation | undefined> {
  const [declined] = await tx
    .update(invitations)
    .set({ status: 'declined', declinedAt: sql`now()`, declineReason, declinedBy, version: nextVersion })
    .where(and(isThis(place), isPending))
    .returning(INVITATION)
  return declined
}

/** Also of one that has lapsed. */
export async function markRevoked(tx: Tx, place: Place): Promise<Invitation | undefined> {
  const [revoked] = await tx
    .update(invitations)
    .set({ status: 'revoked', revokedAt: sql`now()`, version: nextVersion })
    .where(and(isThis(place), inArray(invitations.status, ['pending', 'expired'])))
    .returning(INVITATION)
  return revoked
}

/** A new term, as long as the first one, vouched for by who sends it again. @throws already_invited. */
export async function renew(tx: Tx, place: Place, inviter: Actor): Promise<Invitation | undefined> {
  const [renewed] = await tx
    .update(invitations)
    .set({
      status: 'pending',
      expiresAt: inDays(invitations.expiresInDays),
      delivery: sql`case when ${invitations.delivery} = 'none' then 'none' else 'queued' end`,
      ...by(inviter),
      version: nextVersion,
    })
    .where(and(isThis(place), inArray(invitations.status, ['pending', 'expired'])))
    .returning(INVITATION)
    .catch(refuseInvited)
  return renewed
}

/** A right is vouched for by who sets it. */
export async function editPending(
  tx: Tx,
  place: Place,
  editor: Actor,
  { role, resourceRoles, expiresInDays }: InvitationChange,
): Promise<Invitation | undefined> {
  const [edited] = await tx
    .update(invitations)
    .set({
      ...(role && { role }),
      ...(resourceRoles && { resourceRoles: [...resourceRoles] }),
      ...((role || resourceRoles) && by(editor)),
      ...(expiresInDays && { expiresInDays, expiresAt: inDays(expiresInDays) }),
      version: nextVersion,
    })
    .where(and(isThis(place), isPending))
    .returning(INVITATION)
  return edited
}

function by(inviter: Actor) {
  return { inviterType: inviter.type, inviterId: inviter.id }
}

function refuseInvited(error: unknown): never {
  if (violatedConstraint(error) === 'invitations_one_pending')
    throw new DomainError(
      'already_invited',
      'This address has an open invitation already. Send that one again.',
    )
  throw error
}
