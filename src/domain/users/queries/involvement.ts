import { and, asc, eq, inArray, type Placeholder, type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../../db/client.ts'
import { invitations } from '../../../db/tables/invitations.ts'
import { members, orgs, users } from '../../../db/tables/orgs.ts'
import type { Profile } from '../user.ts'
import { PROFILE } from './profiles.ts'

// These queries find and lock a person's organisations and addresses for their erasure.

/**
 * Keeps the user from becoming a member or signing in until the transaction ends. Comes after the locks of all orgs.
 */
export async function lockUser(tx: Tx, userId: string): Promise<Profile | undefined> {
  const [user] = await tx.select(PROFILE).from(users).where(eq(users.id, userId)).for('update')
  return user
}

/** An organisation that the person is in, made, or has not answered an invitation to. */
export interface Involved {
  readonly id: string
  readonly name: string
  readonly deleted: boolean
  readonly isMember: boolean
  /** True when no other member is Admin there. */
  readonly isLastAdmin: boolean
}

/** Locks deleted orgs too: they can still be restored. Takes the locks in the order that all transactions use. */
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

/** Reads the organisations again under the locks. */
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

/**
 * Builds one set instead of conditions joined by `or`: PostgreSQL finds each part by an index, and reads no other orgs.
 */
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

/** Includes a lapsed invitation, which could be sent again. */
export const isUnanswered = inArray(invitations.status, ['pending', 'expired'])

export function isTo(addresses: readonly string[]): SQL {
  return sql`${invitations.email} = any(${sql.param([...addresses])}::text[])`
}

/** Finds the addresses known to be the person's: the verified one, and those with which they answered an invitation. */
export async function findAddresses(tx: Tx, { id, email, emailVerified }: Profile): Promise<string[]> {
  const { rows } = await tx.execute<{ email: string }>(addressesOf(id))
  return [...new Set([...rows.map((row) => row.email), ...(email !== null && emailVerified ? [email] : [])])]
}

/** Reads what is kept of invitations and, for organisations that are gone, their events. */
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
