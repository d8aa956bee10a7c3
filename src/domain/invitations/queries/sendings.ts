import { and, eq, type SQL, sql } from 'drizzle-orm'
import { type Tx, theOne } from '../../../db/client.ts'
import { invitationCodes, invitations, sendings } from '../../../db/tables/invitations.ts'
import { members, users } from '../../../db/tables/orgs.ts'
import type { Actor } from '../../actor.ts'
import type { Invitation } from '../invitation.ts'
import type { InviteCounts, Recent, ResendCounts } from '../limits.ts'
import { isPending } from './columns.ts'
import type { Place } from './lifecycle.ts'

/** One handing out of the secret; `email` where a mail does it. */
export async function insertSending(
  tx: Tx,
  { orgId, id }: Place,
  sending: { email: string | null; resend: boolean; sentBy: string | null },
): Promise<string> {
  const [inserted] = await tx
    .insert(sendings)
    .values({ orgId, invitationId: id, ...sending, createdAt: sql`clock_timestamp()` })
    .returning({ id: sendings.id })
  return theOne(inserted).id
}

/** The job is part of the transaction: no mail without its invitation, and no invitation without its mail. */
export async function enqueueMail(tx: Tx, sendingId: string): Promise<void> {
  await tx.execute(
    sql`select graphile_worker.add_job('send-invitation', json_build_object('sendingId', ${sendingId}::text))`,
  )
}

export async function insertCode(tx: Tx, { orgId, id }: Place, hash: Buffer): Promise<void> {
  await tx.insert(invitationCodes).values({ hash, orgId, invitationId: id })
}

export async function deleteCodes(tx: Tx, { orgId, id }: Place): Promise<void> {
  await tx
    .delete(invitationCodes)
    .where(and(eq(invitationCodes.orgId, orgId), eq(invitationCodes.invitationId, id)))
}

/** Two who count for the same person or address take turns, over all orgs. Always after the org's lock. */
export async function lockCounters(tx: Tx, inviter: Actor, email: string | null): Promise<void> {
  const lock = (what: string) => sql`pg_advisory_xact_lock(hashtextextended(${what}, 0))`
  const ofInviter = inviter.type === 'user' ? lock(`inviter ${inviter.id}`) : sql`null`
  const ofAddress = email !== null ? lock(`mail ${email}`) : sql`null`
  await tx.execute(sql`select ${ofInviter}, ${ofAddress}`)
}

/** How many sendings within a period, and the seconds until the oldest of them leaves it. */
function recent(tx: Tx, period: string, which: SQL | undefined) {
  return tx
    .select({
      recent: sql`json_build_object('count', count(*), 'retryAfter',
        coalesce(ceil(extract(epoch from min(created_at) + ${period}::interval - now())), 0)::int)`,
    })
    .from(sendings)
    .where(and(which, sql`created_at > now() - ${period}::interval`))
}

const mailedTo = (email: string | null) => eq(sendings.email, sql`${email}::text`)

const pendingIn = (tx: Tx, orgId: string) =>
  tx
    .select({ count: sql`count(*)::int` })
    .from(invitations)
    .where(and(eq(invitations.orgId, orgId), isPending))

/** Only a verified address is somebody's: another one's claim to it must not keep its owner out. */
function isMemberBy(tx: Tx, orgId: string, email: string | null) {
  const sameAddress = tx
    .select({ one: sql`1` })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.orgId, orgId), eq(users.email, sql`${email}::text`), users.emailVerified))
  return sql<boolean>`exists (${sameAddress})`
}

export async function countBeforeInvite(
  tx: Tx,
  orgId: string,
  inviter: Actor,
  email: string | null,
): Promise<InviteCounts> {
  const byInviter = and(eq(sendings.sentBy, inviter.id), eq(sendings.resend, false))
  const [counts] = await tx
    .select({
      pending: sql<number>`(${pendingIn(tx, orgId)})`,
      byInviter: sql<Recent>`(${recent(tx, '10 minutes', byInviter)})`,
      toAddress: sql<Recent>`(${recent(tx, '1 day', mailedTo(email))})`,
      isMember: isMemberBy(tx, orgId, email),
    })
    .from(sql`(values (1)) as one`)
  return theOne(counts)
}

export async function countBeforeResend(
  tx: Tx,
  { orgId, id, email }: Invitation,
  mailed: string | null,
): Promise<ResendCounts> {
  const resends = and(eq(sendings.orgId, orgId), eq(sendings.invitationId, id), eq(sendings.resend, true))
  const [counts] = await tx
    .select({
      pending: sql<number>`(${pendingIn(tx, orgId)})`,
      lastMinute: sql<Recent>`(${recent(tx, '1 minute', resends)})`,
      lastDay: sql<Recent>`(${recent(tx, '1 day', resends)})`,
      toAddress: sql<Recent>`(${recent(tx, '1 day', mailedTo(mailed))})`,
      isMember: isMemberBy(tx, orgId, email),
    })
    .from(sql`(values (1)) as one`)
  return theOne(counts)
}
