import { and, asc, eq, inArray, type Placeholder, type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../../db/client.ts'
import { invitations } from '../../../db/tables/invitations.ts'
import { members, orgs, users } from '../../../db/tables/orgs.ts'
import type { Profile } from '../user.ts'
import { PROFILE } from './profiles.ts'

// Where a person is, and by which addresses; locked, for their erasure.

/** Nobody can become a member as this user, or sign in, before the transaction ends. After the locks of all orgs. */
export async function lockUser(tx: Tx, userId: string): Promise<Profile | undefined> {
  const [user] = await tx.select(PROFILE).from(users).where(eq(users.id, userId)).for('update')
  return user
}

/** An organisation that the person is in, made, or was invited to without having answered. */
export interface Involved {
  readonly id: string
  readonly name: string
  readonly deleted: boolean
  readonly isMember: boolean
  /** Nobody would be Admin there without them. */
  readonly isLastAdmin: boolean
}

/** Deleted ones too: they can still be restored. In the order in which everybody locks several. */
export async function lockInvolvedOrgs(
  tx: Tx,
  userId: string,
  addresses: readonly string[],
): Promise<string[]> {
  const locked = await tx
    .select({ id: orgs.id })
    .from(orgs)
    .where(isInvolved(tx, userId, addresses))
    .orderBy(asc(orgs.id))
    .for('no key update')
  return locked.map(({ id }) => id)
}

/** Read anew under the locks. */
export async function findInvolvedOrgs(
  tx: Tx,
  userId: string,
  addresses: readonly string[],
): Promise<Involved[]> {
  return tx
    .select({
      id: orgs.id,
      name: orgs.name,
      deleted: sql<boolean>`orgs.deleted_at is not null`,
      isMember: sql<boolean>`exists (select from members where org_id = orgs.id and user_id = ${userId})`,
      isLastAdmin: sql<boolean>`exists (select from members
          where org_id = orgs.id and user_id = ${userId} and role = 'admin')
        and not exists (select from members
          where org_id = orgs.id and user_id <> ${userId} and role = 'admin')`,
    })
    .from(orgs)
    .where(isInvolved(tx, userId, addresses))
    .orderBy(asc(orgs.id))
}

/** One set, and not one condition or another: each part of it by an index, and no organisation read that is not in it. */
function isInvolved(tx: Tx, userId: string, addresses: readonly string[]): SQL {
  const ofUser = tx.select({ id: members.orgId }).from(members).where(eq(members.userId, userId))
  const unanswered = (condition: SQL) =>
    tx.select({ id: invitations.orgId }).from(invitations).where(and(isUnanswered, condition))
  const named = tx.select({ id: orgs.id }).from(orgs).where(eq(orgs.namedAfter, userId))
  const all = ofUser
    .union(unanswered(isTo(addresses)))
    .union(unanswered(eq(invitations.inviterId, userId)))
    .union(named)
  return inArray(orgs.id, all)
}

/** Also one that has lapsed, and could be sent again. */
export const isUnanswered = inArray(invitations.status, ['pending', 'expired'])

export function isTo(addresses: readonly string[]): SQL {
  return sql`${invitations.email} = any(${sql.param([...addresses])}::text[])`
}

/** The addresses that are known to be theirs: the verified one, and those by which they answered an invitation. */
export async function findAddresses(tx: Tx, { id, email, emailVerified }: Profile): Promise<string[]> {
  const { rows } = await tx.execute<{ email: string }>(addressesOf(id))
  return [...new Set([...rows.map((row) => row.email), ...(email !== null && emailVerified ? [email] : [])])]
}

/** By what is kept of invitations, and, where their organisation is gone, by what happened. */
export function addressesOf(userId: string | Placeholder): SQL {
  return sql`select email from acceptances join invitations
      on invitations.org_id = acceptances.org_id and invitations.id = acceptances.invitation_id
      where acceptances.user_id = ${userId} and email is not null
    union
    select email from invitations where declined_by = ${userId} and email is not null
    union
    select data ->> 'email' as email from events where actor_id = ${userId} and actor_type = 'user'
      and type in ('invitation.accepted', 'invitation.declined') and data ->> 'email' is not null`
}
