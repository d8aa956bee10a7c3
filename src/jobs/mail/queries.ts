import { and, eq, sql } from 'drizzle-orm'
import type { Tx } from '../../db/client.ts'
import { invitations, sendings } from '../../db/tables/invitations.ts'
import { orgs, users } from '../../db/tables/orgs.ts'
import type { Role } from '../../domain/roles.ts'

/** The contents of a mail that is still to be sent. */
interface DueSending {
  readonly orgId: string
  readonly invitationId: string
  readonly email: string
  readonly createdAt: Date
  readonly orgName: string
  readonly inviterName: string | null
  readonly role: Role
  readonly message: string | null
  readonly expiresAt: Date
}

const ofInvitation = and(eq(sendings.orgId, invitations.orgId), eq(sendings.invitationId, invitations.id))

// `created_at` is the database's clock, read under the org's lock. An id has the clock of the process that made it.
const isNewest = sql`not exists (select from sendings as newer where newer.org_id = sendings.org_id
  and newer.invitation_id = sendings.invitation_id and (newer.created_at, newer.id) > (sendings.created_at, sendings.id))`

/** Makes resends, revocations and acceptances wait for this transaction, and this transaction for theirs. */
export async function lockInvitationOfSending(tx: Tx, sendingId: string): Promise<void> {
  await tx
    .select({ id: invitations.id })
    .from(invitations)
    .innerJoin(sendings, ofInvitation)
    .where(eq(sendings.id, sendingId))
    .for('no key update', { of: invitations })
}

/**
 * Reads under the invitation's lock, and stores the code of the mail in the same statement. Returns undefined, and
 * stores no code, when the mail was sent, a newer one replaced it, or the invitation cannot be accepted.
 */
export async function takeDueSending(
  tx: Tx,
  sendingId: string,
  hash: Buffer,
): Promise<DueSending | undefined> {
  const due = tx.$with('due').as(
    tx
      .select({
        orgId: sendings.orgId,
        invitationId: sendings.invitationId,
        email: sql<string>`sendings.email`.as('email'),
        createdAt: sendings.createdAt,
        orgName: sql<string>`orgs.name`.as('org_name'),
        inviterName: sql<string | null>`users.name`.as('inviter_name'),
        role: invitations.role,
        message: invitations.message,
        expiresAt: invitations.expiresAt,
      })
      .from(sendings)
      .innerJoin(invitations, ofInvitation)
      .innerJoin(orgs, eq(orgs.id, invitations.orgId))
      .leftJoin(users, and(eq(users.id, invitations.inviterId), eq(invitations.inviterType, 'user')))
      .where(
        and(
          eq(sendings.id, sendingId),
          sql`sendings.email is not null and sendings.sent_at is null and ${isNewest}`,
          sql`invitations.status = 'pending' and invitations.expires_at > now() and orgs.deleted_at is null`,
        ),
      ),
  )
  const code = tx
    .$with('code', {})
    .as(
      sql`insert into invitation_codes (hash, org_id, invitation_id) select ${hash}::bytea, org_id, invitation_id from due`,
    )
  const [taken] = await tx.with(due, code).select().from(due)
  return taken
}

export async function markSent(tx: Tx, sendingId: string): Promise<void> {
  await tx.execute(sql`
    with sent as (update sendings set sent_at = now() where id = ${sendingId})
    update invitations set delivery = 'sent', last_sent_at = now()
    from sendings where sendings.id = ${sendingId} and ${ofInvitation} and ${isNewest}`)
}

export async function markFailed(tx: Tx, sendingId: string): Promise<void> {
  await tx
    .update(invitations)
    .set({ delivery: 'failed' })
    .from(sendings)
    .where(and(eq(sendings.id, sendingId), ofInvitation, isNewest))
}

/**
 * Takes a mail that is no longer needed out of `queued`. An invitation that lapsed in the queue has `failed`, not
 * `none`: a resend of it must mail again.
 */
export async function markNotNeeded(tx: Tx, sendingId: string): Promise<void> {
  await tx
    .update(invitations)
    .set({
      delivery: sql`case when invitations.status in ('pending', 'expired') then 'failed'
        when invitations.last_sent_at is null then 'none' else 'sent' end`,
    })
    .from(sendings)
    .where(and(eq(sendings.id, sendingId), ofInvitation, isNewest, eq(invitations.delivery, 'queued')))
}
