import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../../db/client.ts'
import { invitations } from '../../../db/tables/invitations.ts'
import { members, orgs, users } from '../../../db/tables/orgs.ts'
import type { Invitation } from '../../invitations/invitation.ts'
import { INVITATION } from '../../invitations/queries/columns.ts'
import type { Org } from '../../orgs/org.ts'
import { ORG } from '../../orgs/queries/columns.ts'
import { isTo, isUnanswered } from './involvement.ts'

/** Revokes the unanswered invitations to these addresses. Their codes no longer open anything. */
export async function revokeInvitationsTo(tx: Tx, addresses: readonly string[]): Promise<Invitation[]> {
  return tx
    .update(invitations)
    .set({ status: 'revoked', revokedAt: sql`now()`, version: sql`${invitations.version} + 1` })
    .where(and(isUnanswered, isTo(addresses)))
    .returning(INVITATION)
}

/** Deletes the memberships, and with them every right. */
export async function deleteMemberships(tx: Tx, userId: string): Promise<void> {
  await tx.delete(members).where(eq(members.userId, userId))
}

/** The identity that takes the place of the person. */
interface Pseudonym {
  readonly id: string
  /** An address at a domain that no mail can reach (RFC 2606). */
  readonly email: string
}

/**
 * Puts the pseudonym in the place of the person wherever a row is not theirs alone: who invited, who gave a role, who
 * accepted, to whom mail went, and all events. Deletes texts that were written to them, and messages that they wrote to
 * people they invited.
 *
 * @returns whether an invitation to them has arrived since the others were revoked.
 */
export async function replacePerson(
  tx: Tx,
  userId: string,
  addresses: readonly string[],
  pseudonym: Pseudonym,
): Promise<{ unanswered: boolean }> {
  const mine = sql`= any(${sql.param([...addresses])}::text[])`
  await tx.execute(sql`insert into users (id)
    select ${pseudonym.id} where exists (select from acceptances where user_id = ${userId})`)
  await tx.execute(sql`update acceptances set user_id = ${pseudonym.id} where user_id = ${userId}`)
  await tx.execute(sql`update invitations set inviter_id = ${pseudonym.id}, message = null
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
  const { rows } = await tx.execute<{ unanswered: boolean }>(sql`
    update invitations set email = ${pseudonym.email}, message = null, decline_reason = null, declined_by = null, metadata = '{}'
    where email ${mine} returning status in ('pending', 'expired') as unanswered`)
  return { unanswered: rows.some(({ unanswered }) => unanswered) }
}

/** Events that one statement changes well within its two seconds. */
const BATCH = 10_000

/**
 * Changes events in batches. A transaction has eight seconds: enough for about a hundred thousand events of one person.
 */
async function inBatches(tx: Tx, which: SQL, change: SQL): Promise<void> {
  for (let changed = BATCH; changed === BATCH; ) {
    const { rowCount } = await tx.execute(sql`update events set ${change}
      where id in (select id from events where ${which} limit ${BATCH})`)
    changed = rowCount ?? 0
  }
}

/**
 * Removes the person's name from the organisations that Muster named after them, and from their events. Returns these
 * organisations.
 */
export async function renameOrgs(tx: Tx, userId: string, to: string): Promise<Org[]> {
  const named = await tx
    .select({ org_id: orgs.id, name: orgs.name })
    .from(orgs)
    .where(eq(orgs.namedAfter, userId))
  const renamed = await tx
    .update(orgs)
    .set({ name: to, namedAfter: null, version: sql`${orgs.version} + 1`, updatedAt: sql`now()` })
    .where(eq(orgs.namedAfter, userId))
    .returning(ORG)
  // The founder's `member.added` is always event 2, after `org.created`. The events know the name even of a purged
  // organisation. Event 1 of a live organisation may have been purged, so `named` adds these.
  await tx.execute(sql`
    with personal as (
      select created.org_id, created.data ->> 'name' as name from events as founder
      join events as created on created.org_id = founder.org_id and created.sequence = 1
      where founder.subject_id = ${userId} and founder.type = 'member.added' and founder.sequence = 2
        and created.type = 'org.created' and (created.data ->> 'personal')::boolean
      union select * from jsonb_to_recordset(${JSON.stringify(named)}::jsonb) as named (org_id uuid, name text))
    update events set data = jsonb_set(data, '{name}', to_jsonb(${to}::text))
    from personal where events.org_id = personal.org_id and type in ('org.created', 'org.updated')
      and data ->> 'name' = personal.name`)
  return renamed
}

/**
 * Gives up deleted organisations without another Admin: they can no longer be restored, and the next purge deletes
 * them.
 */
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
