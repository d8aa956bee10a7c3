import { and, asc, eq, inArray, or, type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../../db/client.ts'
import { invitations } from '../../../db/tables/invitations.ts'
import { members, orgs, users } from '../../../db/tables/orgs.ts'
import type { Invitation } from '../../invitations/invitation.ts'
import { INVITATION } from '../../invitations/queries/columns.ts'
import type { Org } from '../../orgs/org.ts'
import { ORG } from '../../orgs/queries/columns.ts'
import type { Profile } from '../user.ts'
import { PROFILE } from './profiles.ts'

/** Nobody can become a member as this user, or sign in, before the transaction ends. After the locks of all orgs. */
export async function lockUser(tx: Tx, userId: string): Promise<Profile | undefined> {
  const [user] = await tx.select(PROFILE).from(users).where(eq(users.id, userId)).for('update')
  return user
}

/**
 * Those who give events their places, and who delete old ones, write the same rows. Taking turns with them, neither
 * waits for the other for ever.
 */
export async function lockFeed(tx: Tx): Promise<void> {
  await tx.execute(sql`select from feed for update`)
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

function isInvolved(tx: Tx, userId: string, addresses: readonly string[]): SQL | undefined {
  const ofUser = tx.select({ id: members.orgId }).from(members).where(eq(members.userId, userId))
  const open = tx
    .select({ id: invitations.orgId })
    .from(invitations)
    .where(and(isUnanswered, or(isTo(addresses), eq(invitations.inviterId, userId))))
  return or(inArray(orgs.id, ofUser), inArray(orgs.id, open), eq(orgs.namedAfter, userId))
}

/** Also one that has lapsed, and could be sent again. */
const isUnanswered = inArray(invitations.status, ['pending', 'expired'])

function isTo(addresses: readonly string[]): SQL {
  return sql`${invitations.email} = any(${sql.param([...addresses])}::text[])`
}

/** The addresses that are known to be theirs: the verified one, and those by which they answered an invitation. */
export async function findAddresses(tx: Tx, { id, email, emailVerified }: Profile): Promise<string[]> {
  const { rows } = await tx.execute<{ email: string }>(addressesOf(id))
  return [...new Set([...rows.map((row) => row.email), ...(email !== null && emailVerified ? [email] : [])])]
}

/** By what is kept of invitations, and, where their organisation is gone, by what happened. */
export function addressesOf(userId: string): SQL {
  return sql`select email from acceptances join invitations
      on invitations.org_id = acceptances.org_id and invitations.id = acceptances.invitation_id
      where acceptances.user_id = ${userId} and email is not null
    union
    select data ->> 'email' as email from events where actor_id = ${userId} and actor_type = 'user'
      and type in ('invitation.accepted', 'invitation.declined') and data ->> 'email' is not null`
}

/** Those that nobody has answered. Their codes open nothing any more. */
export async function revokeInvitationsTo(tx: Tx, addresses: readonly string[]): Promise<Invitation[]> {
  return tx
    .update(invitations)
    .set({ status: 'revoked', revokedAt: sql`now()`, version: sql`${invitations.version} + 1` })
    .where(and(isUnanswered, isTo(addresses)))
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
  const mine = sql`= any(${sql.param([...addresses])}::text[])`
  await tx.execute(sql`insert into users (id)
    select ${pseudonym.id} where exists (select from acceptances where user_id = ${userId})`)
  await tx.execute(sql`update acceptances set user_id = ${pseudonym.id} where user_id = ${userId}`)
  await tx.execute(sql`update invitations set inviter_id = ${pseudonym.id}
    where inviter_id = ${userId} and inviter_type = 'user'`)
  for (const table of [sql`members`, sql`grants`])
    await tx.execute(sql`update ${table} set granted_by_id = ${pseudonym.id}
      where granted_by_id = ${userId} and granted_by_type = 'user'`)
  await inBatches(tx, sql`actor_id = ${userId} and actor_type = 'user'`, sql`actor_id = ${pseudonym.id}`)
  await inBatches(
    tx,
    sql`subject_id = ${userId} and subject_type = 'user'`,
    sql`subject_id = ${pseudonym.id}`,
  )
  await inBatches(
    tx,
    sql`data ? 'email' and data ->> 'email' ${mine}`,
    sql`data = jsonb_set(data, '{email}', to_jsonb(${pseudonym.email}::text))`,
  )
  await tx.execute(sql`update sendings set sent_by = ${pseudonym.id} where sent_by = ${userId}`)
  await tx.execute(sql`update sendings set email = ${pseudonym.email} where email ${mine}`)
  await tx.execute(sql`update invitations set email = ${pseudonym.email}, message = null, decline_reason = null,
    metadata = '{}' where email ${mine}`)
}

/** Events that one statement changes well within its two seconds. */
const BATCH = 10_000

/** A transaction has eight seconds, and so about a hundred thousand events of one person an end. */
async function inBatches(tx: Tx, which: SQL, change: SQL): Promise<void> {
  for (let changed = BATCH; changed === BATCH; ) {
    const { rowCount } = await tx.execute(sql`update events set ${change}
      where id in (select id from events where ${which} limit ${BATCH})`)
    changed = rowCount ?? 0
  }
}

/** What Muster named after them is named after nobody, in what happened too. Answers what was called so till now. */
export async function renameOrgs(tx: Tx, userId: string, to: string): Promise<Org[]> {
  const renamed = await tx
    .update(orgs)
    .set({ name: to, namedAfter: null, version: sql`${orgs.version} + 1`, updatedAt: sql`now()` })
    .where(eq(orgs.namedAfter, userId))
    .returning(ORG)
  // The founder comes second in what happened in an organisation, also in one that has been purged.
  await tx.execute(sql`
    with personal as (
      select created.org_id, created.data ->> 'name' as name from events as founder
      join events as created on created.org_id = founder.org_id and created.sequence = 1
      where founder.subject_id = ${userId} and founder.type = 'member.added' and founder.sequence = 2
        and created.type = 'org.created' and (created.data ->> 'personal')::boolean)
    update events set data = jsonb_set(data, '{name}', to_jsonb(${to}::text))
    from personal where events.org_id = personal.org_id and type in ('org.created', 'org.updated')
      and data ->> 'name' = personal.name`)
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
