import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/client.ts'
import { preparedText } from '../../db/statement.ts'
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

const sendingId = sql`${sql.placeholder('sendingId')}::uuid`

// The database's clock tells which sending is the newest. It is read under the org's lock; an id comes from the clock of
// the process that made it.
const isNewest = sql`not exists (select from sendings as newer where newer.org_id = sendings.org_id
  and newer.invitation_id = sendings.invitation_id and (newer.created_at, newer.id) > (sendings.created_at, sendings.id))`

const ofSending = sql`sendings.id = ${sendingId} and sendings.org_id = invitations.org_id
  and sendings.invitation_id = invitations.id`

const locked = preparedText(
  'lock_invitation_of_sending',
  sql`select from invitations join sendings on ${ofSending} for no key update of invitations`,
)

/** Makes resends, revocations and acceptances wait for this transaction, and this transaction for theirs. */
export async function lockInvitationOfSending(tx: Tx, sendingId: string): Promise<void> {
  await locked(tx, { sendingId })
}

const taken = preparedText<DueSending>(
  'take_due_sending',
  sql`with due as (
      select sendings.org_id as "orgId", sendings.invitation_id as "invitationId", sendings.email,
        sendings.created_at as "createdAt", orgs.name as "orgName", users.name as "inviterName", invitations.role,
        invitations.message, invitations.expires_at as "expiresAt"
      from sendings
      join invitations on ${ofSending}
      join orgs on orgs.id = invitations.org_id
      left join users on users.id = invitations.inviter_id and invitations.inviter_type = 'user'
      where sendings.email is not null and sendings.sent_at is null and ${isNewest}
        and invitations.status = 'pending' and invitations.expires_at > now() and orgs.deleted_at is null),
    code as (
      insert into invitation_codes (hash, org_id, invitation_id)
      select ${sql.placeholder('hash')}::bytea, "orgId", "invitationId" from due)
    select * from due`,
)

/**
 * Reads under the invitation's lock, and stores the code of the mail in the same statement. Returns undefined, and
 * stores no code, when the mail was sent, a newer one replaced it, or the invitation cannot be accepted.
 */
export async function takeDueSending(
  tx: Tx,
  sendingId: string,
  hash: Buffer,
): Promise<DueSending | undefined> {
  const { rows } = await taken(tx, { sendingId, hash })
  return rows[0]
}

const sent = preparedText(
  'mark_sent',
  sql`with sent as (update sendings set sent_at = now() where id = ${sendingId})
    update invitations set delivery = 'sent', last_sent_at = now()
    from sendings where ${ofSending} and ${isNewest}`,
)

export async function markSent(tx: Tx, sendingId: string): Promise<void> {
  await sent(tx, { sendingId })
}

const failed = preparedText(
  'mark_failed',
  sql`update invitations set delivery = 'failed' from sendings where ${ofSending} and ${isNewest}`,
)

export async function markFailed(tx: Tx, sendingId: string): Promise<void> {
  await failed(tx, { sendingId })
}

const notNeeded = preparedText(
  'mark_not_needed',
  sql`update invitations set delivery = case
        when invitations.status in ('pending', 'expired') then 'failed'
        when invitations.last_sent_at is null then 'none' else 'sent' end
    from sendings where ${ofSending} and ${isNewest} and invitations.delivery = 'queued'`,
)

/**
 * Takes a mail that is no longer needed out of `queued`. An invitation that lapsed in the queue has `failed`, not
 * `none`: a resend of it must mail again.
 */
export async function markNotNeeded(tx: Tx, sendingId: string): Promise<void> {
  await notNeeded(tx, { sendingId })
}
