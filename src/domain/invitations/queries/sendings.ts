import { and, eq, type SQL, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { type Tx, theOne } from '../../../db/client.ts'
import { prepared, preparedText } from '../../../db/statement.ts'
import { invitationCodes } from '../../../db/tables/invitations.ts'
import type { By } from '../../actor.ts'
import { acceptUrl, newCode, type Secret } from '../code.ts'
import type { Draft, Term } from '../draft.ts'
import type { Invitation } from '../invitation.ts'
import type { InviteCounts, ResendCounts } from '../limits.ts'
import { type InvitationRef, refOf } from './columns.ts'

/** One handing out of an invitation's secret. */
interface Sending {
  readonly resend: boolean
  /** Null for a service's sending, which counts for no user's limit. */
  readonly sentBy: string | null
}

/**
 * Gives the secret to the one place it goes to: a mail, whose job makes the code only when it sends it, or this answer.
 * Runs in the transaction that makes or renews the invitation, after the statement that does.
 *
 * @returns the secret, when the answer is its place.
 */
export async function handOut(
  tx: Tx,
  { mailTo, resend, ...ref }: InvitationRef & { readonly mailTo: string | null; readonly resend: boolean },
  { appUrl }: { readonly appUrl: string },
  by: By,
): Promise<Secret> {
  const sending = { resend, sentBy: by.type === 'user' ? by.id : null }
  if (mailTo !== null) {
    await sendByMail(tx, ref, mailTo, sending)
    return {}
  }
  const { code, hash } = newCode()
  await sendInAnswer(tx, ref, hash, sending)
  return { code, acceptUrl: acceptUrl(appUrl, code) }
}

const sent = (email: SQL) => sql`
  insert into sendings (id, org_id, invitation_id, email, resend, sent_by, created_at)
  values (${sql.placeholder('sendingId')}, ${sql.placeholder('orgId')}, ${sql.placeholder('id')}, ${email},
    ${sql.placeholder('resend')}, ${sql.placeholder('sentBy')}, clock_timestamp())`

const sentByMail = preparedText(
  'send_by_mail',
  sql`with sent as (${sent(sql`${sql.placeholder('email')}`)} returning id)
    select from sent, graphile_worker.add_job('send-invitation', json_build_object('sendingId', sent.id))`,
)

/** The job is part of the transaction: no mail without its invitation, and no invitation without its mail. */
async function sendByMail(tx: Tx, ref: InvitationRef, email: string, sending: Sending): Promise<void> {
  await sentByMail(tx, { ...refOf(ref), ...sending, email, sendingId: uuidv7() })
}

const sentInAnswer = preparedText(
  'send_in_answer',
  sql`with sent as (${sent(sql`null`)} returning org_id, invitation_id)
    insert into invitation_codes (hash, org_id, invitation_id)
    select ${sql.placeholder('hash')}::bytea, org_id, invitation_id from sent`,
)

async function sendInAnswer(tx: Tx, ref: InvitationRef, hash: Buffer, sending: Sending): Promise<void> {
  await sentInAnswer(tx, { ...refOf(ref), ...sending, hash, sendingId: uuidv7() })
}

const codesDeleted = prepared('delete_codes', (db) =>
  db
    .delete(invitationCodes)
    .where(
      and(
        eq(invitationCodes.orgId, sql.placeholder('orgId')),
        eq(invitationCodes.invitationId, sql.placeholder('id')),
      ),
    ),
)

export async function deleteCodes(tx: Tx, ref: InvitationRef): Promise<void> {
  await codesDeleted(tx, refOf(ref))
}

const countersLocked = preparedText(
  'lock_counters',
  sql`select pg_advisory_xact_lock(hashtextextended(name, 0))
    from unnest(${sql.placeholder('names')}::text[]) with ordinality as counter (name, place) order by place`,
)

/** Makes callers who count for the same user or address take turns, over all orgs. Comes after the org's lock. */
export async function lockCounters(tx: Tx, email: string | null, by: By): Promise<void> {
  const names = [
    ...(by.type === 'user' ? [`inviter ${by.id}`] : []),
    ...(email !== null ? [`mail ${email}`] : []),
  ]
  if (names.length > 0) await countersLocked(tx, { names })
}

/** Selects the number of sendings within a period, and the seconds until the oldest of them leaves it. */
const recent = (period: SQL, which: SQL) => sql`(
  select json_build_object('count', count(*), 'retryAfter',
    coalesce(ceil(extract(epoch from min(created_at) + ${period} - now())), 0)::int)
  from sendings where ${which} and created_at > now() - ${period})`

const TEN_MINUTES = sql`interval '10 minutes'`
const A_MINUTE = sql`interval '1 minute'`
const A_DAY = sql`interval '1 day'`

// Subqueries hide the values from the planner. If it saw them, it would expect so much less for a null, or for an
// organisation of few invitations, than for any value that it would plan each call anew.
const orgId = sql`(select ${sql.placeholder('orgId')}::uuid)`
const email = sql`(select ${sql.placeholder('email')}::text)`
const mailedTo = sql`sendings.email = (select ${sql.placeholder('mailed')}::text)`
const ofInviter = sql`sendings.sent_by = (select ${sql.placeholder('inviterId')}::text) and not sendings.resend`
const resends = sql`sendings.org_id = ${orgId} and sendings.invitation_id = ${sql.placeholder('id')}::uuid
  and sendings.resend`

const pending = sql`(select count(*)::int from invitations
  where org_id = ${orgId} and status = 'pending' and expires_at > now())`

// Only a verified address belongs to a user: another user's claim to the address must not keep its owner out.
const isMember = sql`exists (select from users join members on members.user_id = users.id
  where users.email = ${email} and users.email_verified and members.org_id = ${orgId})`

// True when an invitation that lapsed unanswered still holds the address.
const hasLapsed = sql`exists (select from invitations
  where org_id = ${orgId} and email = ${email} and status = 'pending' and expires_at <= now())`

const countedBeforeInvite = preparedText<InviteCounts & Term & { readonly hasLapsed: boolean }>(
  'count_before_invite',
  sql`select (now() + make_interval(days => ${sql.placeholder('days')}))::timestamptz(3) as "expiresAt",
    ${pending} as pending, ${recent(TEN_MINUTES, ofInviter)} as "byInviter",
    ${recent(A_DAY, mailedTo)} as "toAddress", ${isMember} as "isMember", ${hasLapsed} as "hasLapsed"`,
)

/** Reads the counts for the limits, when the new invitation would lapse, and whether an earlier one has lapsed. */
export async function countBeforeInvite(
  tx: Tx,
  orgId: string,
  { email, expiresInDays }: Draft,
  by: By,
): Promise<InviteCounts & Term & { readonly hasLapsed: boolean }> {
  const values = { orgId, inviterId: by.id, email, mailed: email, days: expiresInDays }
  const { rows } = await countedBeforeInvite(tx, values)
  return theOne(rows[0])
}

const countedBeforeResend = preparedText<ResendCounts & Term>(
  'count_before_resend',
  sql`select (select (now() + make_interval(days => expires_in_days))::timestamptz(3) from invitations
      where org_id = ${orgId} and id = ${sql.placeholder('id')}::uuid) as "expiresAt",
    ${pending} as pending, ${recent(A_MINUTE, resends)} as "lastMinute",
    ${recent(A_DAY, resends)} as "lastDay", ${recent(A_DAY, mailedTo)} as "toAddress", ${isMember} as "isMember"`,
)

/** Reads the counts for the limits, and when the invitation would lapse: its new term is as long as the first one. */
export async function countBeforeResend(
  tx: Tx,
  { orgId, id, email }: Invitation,
  mailed: string | null,
): Promise<ResendCounts & Term> {
  const { rows } = await countedBeforeResend(tx, { orgId, id, email, mailed })
  return theOne(rows[0])
}
