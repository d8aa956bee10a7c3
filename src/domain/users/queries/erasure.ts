import { and, asc, eq, getTableColumns, inArray, or, type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../../db/client.ts'
import { acceptances, invitations } from '../../../db/tables/invitations.ts'
import { members, orgs, users } from '../../../db/tables/orgs.ts'
import type { Invitation } from '../../invitations/invitation.ts'
import { INVITATION } from '../../invitations/queries/columns.ts'
import type { Org } from '../../orgs/org.ts'
import type { Profile } from '../user.ts'
import { PROFILE } from './profiles.ts'

const { deletedAt: _deletedAt, lastSequence: _lastSequence, ...ORG } = getTableColumns(orgs)

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
export async function lockInvolvedOrgs(tx: Tx, userId: string, email: string | null): Promise<string[]> {
  const locked = await tx
    .select({ id: orgs.id })
    .from(orgs)
    .where(isInvolved(tx, userId, email))
    .orderBy(asc(orgs.id))
    .for('no key update')
  return locked.map(({ id }) => id)
}

/** Read anew under the locks. */
export async function findInvolvedOrgs(tx: Tx, userId: string, email: string | null): Promise<Involved[]> {
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
    .where(isInvolved(tx, userId, email))
    .orderBy(asc(orgs.id))
}

function isInvolved(tx: Tx, userId: string, email: string | null): SQL | undefined {
  const ofUser = tx.select({ id: members.orgId }).from(members).where(eq(members.userId, userId))
  const toEmail = tx.select({ id: invitations.orgId }).from(invitations).where(isOpenTo(email))
  return or(inArray(orgs.id, ofUser), inArray(orgs.id, toEmail), sql`${orgs.id} in ${madeBy(userId)}`)
}

function madeBy(userId: string): SQL {
  return sql`(select org_id from events where actor_id = ${userId} and type = 'org.created')`
}

/** Also one that has lapsed, and could be sent again. */
function isOpenTo(email: string | null): SQL | undefined {
  return and(sql`${invitations.email} = ${email}::text`, inArray(invitations.status, ['pending', 'expired']))
}

/** The addresses that are known to be theirs: the verified one, and those of invitations that they accepted. */
export async function findAddresses(tx: Tx, { id, email, emailVerified }: Profile): Promise<string[]> {
  const used = tx
    .select({ email: invitations.email })
    .from(invitations)
    .innerJoin(
      acceptances,
      and(eq(acceptances.orgId, invitations.orgId), eq(acceptances.invitationId, invitations.id)),
    )
    .where(eq(acceptances.userId, id))
  const found = (await used).flatMap((row) => row.email ?? [])
  return [...new Set([...found, ...(email !== null && emailVerified ? [email] : [])])]
}

/** Those that nobody has answered. Their codes open nothing any more. */
export async function revokeInvitationsTo(tx: Tx, email: string | null): Promise<Invitation[]> {
  return tx
    .update(invitations)
    .set({ status: 'revoked', revokedAt: sql`now()`, version: sql`${invitations.version} + 1` })
    .where(isOpenTo(email))
    .returning(INVITATION)
}

/** The memberships, and with them every right. */
export async function deleteMemberships(tx: Tx, userId: string): Promise<void> {
  await tx.delete(members).where(eq(members.userId, userId))
}

/** Whom somebody else will be called from now on. */
export interface Pseudonym {
  readonly id: string
  /** At a domain that no mail can reach (RFC 2606). */
  readonly email: string
}

/**
 * Puts the pseudonym in the place of the person, wherever something is kept that is not theirs alone: who invited, who
 * gave a role, who accepted, to whom mail went, and in all events. Words that were written to them go.
 */
export async function replacePerson(
  tx: Tx,
  userId: string,
  addresses: readonly string[],
  pseudonym: Pseudonym,
): Promise<void> {
  // Those who give events their places write the same rows; taking turns with them, neither waits for the other for ever.
  await tx.execute(sql`select from feed for update`)
  const mine = sql`= any(${sql.param([...addresses])}::text[])`
  await tx.execute(sql`insert into users (id)
    select ${pseudonym.id} where exists (select from acceptances where user_id = ${userId})`)
  await tx.execute(sql`update acceptances set user_id = ${pseudonym.id} where user_id = ${userId}`)
  for (const table of [sql`members`, sql`grants`])
    await tx.execute(sql`update ${table} set granted_by_id = ${pseudonym.id}
      where granted_by_id = ${userId} and granted_by_type = 'user'`)
  await tx.execute(sql`update invitations set inviter_id = ${pseudonym.id}
    where inviter_id = ${userId} and inviter_type = 'user'`)
  await tx.execute(
    sql`update events set actor_id = ${pseudonym.id} where actor_id = ${userId} and actor_type = 'user'`,
  )
  await tx.execute(sql`update events set subject_id = ${pseudonym.id}
    where subject_id = ${userId} and subject_type = 'user'`)
  await tx.execute(sql`update events set data = jsonb_set(data, '{email}', to_jsonb(${pseudonym.email}::text))
    where data ? 'email' and data ->> 'email' ${mine}`)
  await tx.execute(sql`update sendings set sent_by = ${pseudonym.id} where sent_by = ${userId}`)
  await tx.execute(sql`update sendings set email = ${pseudonym.email} where email ${mine}`)
  await tx.execute(sql`update invitations set email = ${pseudonym.email}, message = null, decline_reason = null,
    metadata = '{}' where email ${mine}`)
}

/** What Muster named after them is named after nobody. Answers the organisations that were called so till now. */
export async function renameOrgs(tx: Tx, userId: string, from: string, to: string): Promise<Org[]> {
  const renamed = await tx
    .update(orgs)
    .set({ name: to, version: sql`${orgs.version} + 1`, updatedAt: sql`now()` })
    .where(and(eq(orgs.name, from), sql`${orgs.id} in ${madeBy(userId)}`))
    .returning(ORG)
  await tx.execute(sql`update events set data = jsonb_set(data, '{name}', to_jsonb(${to}::text))
    where org_id in ${madeBy(userId)} and type in ('org.created', 'org.updated') and data ->> 'name' = ${from}`)
  return renamed
}

/** A deleted organisation in which nobody else is Admin cannot be restored any more: it goes with the next purge. */
export async function giveUpOrgs(tx: Tx, orgIds: readonly string[]): Promise<void> {
  if (orgIds.length > 0)
    await tx
      .update(orgs)
      .set({ deletedAt: sql`'epoch'` })
      .where(inArray(orgs.id, [...orgIds]))
}

export async function deleteUser(tx: Tx, userId: string): Promise<void> {
  await tx.delete(users).where(eq(users.id, userId))
}
