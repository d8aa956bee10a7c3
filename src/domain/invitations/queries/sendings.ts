import { and, eq, sql } from 'drizzle-orm'
import { type Tx, theOne } from '../../../db/client.ts'
import { invitationCodes, invitations, members, sendings, users } from '../../../db/tables.ts'
import type { Actor } from '../../actor.ts'
import type { InviteCounts, Recent } from '../limits.ts'
import { isPending } from './columns.ts'
import type { Place } from './lifecycle.ts'

/** One handing out of the secret; `email` where a mail does it. */
export async function insertSending(
  tx: Tx,
  { orgId, id }: Place,
  sending: { email: string | null; resend: boolean },
): Promise<string> {
  const [inserted] = await tx
    .insert(sendings)
    .values({ orgId, invitationId: id, ...sending })
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
  const lock = (what: string) => tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${what}, 0))`)
  if (inviter.type === 'user') await lock(`inviter ${inviter.id}`)
  if (email !== null) await lock(`mail ${email}`)
}

/** How often something happened within a period, and the seconds until the oldest of it leaves the period. */
const recent = (createdAt: typeof sendings.createdAt | typeof invitations.createdAt, period: string) =>
  sql<Recent>`json_build_object('count', count(*), 'retryAfter',
    coalesce(ceil(extract(epoch from min(${createdAt}) + ${period}::interval - now())), 0)::int)`

const within = (createdAt: typeof sendings.createdAt | typeof invitations.createdAt, period: string) =>
  sql`${createdAt} > now() - ${period}::interval`

export async function countBeforeInvite(
  tx: Tx,
  orgId: string,
  inviter: Actor,
  email: string | null,
): Promise<InviteCounts> {
  const pending = tx
    .select({ count: sql`count(*)::int` })
    .from(invitations)
    .where(and(eq(invitations.orgId, orgId), isPending))
  const byInviter = tx
    .select({ recent: recent(invitations.createdAt, '10 minutes') })
    .from(invitations)
    .where(
      and(
        eq(invitations.inviterType, inviter.type),
        eq(invitations.inviterId, inviter.id),
        within(invitations.createdAt, '10 minutes'),
      ),
    )
  const sameAddress = tx
    .select({ one: sql`1` })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.orgId, orgId), eq(users.email, sql`${email}::text`), users.emailVerified))
  const [counts] = await tx
    .select({
      pending: sql<number>`(${pending})`,
      byInviter: sql<Recent>`(${byInviter})`,
      toAddress: sql<Recent>`(${mailsTo(tx, email)})`,
      isMember: sql<boolean>`exists (${sameAddress})`,
    })
    .from(sql`(values (1)) as one`)
  return theOne(counts)
}

export async function countBeforeResend(tx: Tx, { orgId, id }: Place, email: string | null) {
  const resends = (period: string) =>
    tx
      .select({ recent: recent(sendings.createdAt, period) })
      .from(sendings)
      .where(
        and(
          eq(sendings.orgId, orgId),
          eq(sendings.invitationId, id),
          eq(sendings.resend, true),
          within(sendings.createdAt, period),
        ),
      )
  const [counts] = await tx
    .select({
      lastMinute: sql<Recent>`(${resends('1 minute')})`,
      lastDay: sql<Recent>`(${resends('1 day')})`,
      toAddress: sql<Recent>`(${mailsTo(tx, email)})`,
    })
    .from(sql`(values (1)) as one`)
  return theOne(counts)
}

function mailsTo(tx: Tx, email: string | null) {
  return tx
    .select({ recent: recent(sendings.createdAt, '1 day') })
    .from(sendings)
    .where(and(eq(sendings.email, sql`${email}::text`), within(sendings.createdAt, '1 day')))
}
