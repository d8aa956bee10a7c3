import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { Sql, Tx } from '../db/client.ts'
import { invitationCodes, invitations, sendings } from '../db/tables/invitations.ts'
import { orgs, users } from '../db/tables/orgs.ts'
import { RESTORABLE_DAYS } from '../domain/orgs/org.ts'
import type { Role } from '../domain/roles.ts'

/** What a mail that is still to be sent has to tell. */
export interface DueSending {
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

// `created_at` is the database's clock, read under the org's lock; an id is of the clock of the process that made it.
const isNewest = sql`not exists (select from sendings as newer where newer.org_id = sendings.org_id
  and newer.invitation_id = sendings.invitation_id and (newer.created_at, newer.id) > (sendings.created_at, sendings.id))`

/** A resend, a revocation and an acceptance wait until this transaction ends, and this one for theirs. */
export async function lockInvitationOfSending(tx: Tx, sendingId: string): Promise<void> {
  await tx
    .select({ id: invitations.id })
    .from(invitations)
    .innerJoin(sendings, ofInvitation)
    .where(eq(sendings.id, sendingId))
    .for('no key update', { of: invitations })
}

/** Read under the invitation's lock. Undefined: sent already, replaced by a newer one, or nobody could join by it. */
export async function findDueSending(tx: Tx, sendingId: string): Promise<DueSending | undefined> {
  const [due] = await tx
    .select({
      orgId: sendings.orgId,
      invitationId: sendings.invitationId,
      email: sql<string>`sendings.email`,
      createdAt: sendings.createdAt,
      orgName: orgs.name,
      inviterName: users.name,
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
    )
  return due
}

export async function insertCode(tx: Tx, { orgId, invitationId }: DueSending, hash: Buffer): Promise<void> {
  await tx.insert(invitationCodes).values({ hash, orgId, invitationId })
}

export async function markSent(tx: Tx, sendingId: string): Promise<void> {
  await tx.update(sendings).set({ sentAt: sql`now()` }).where(eq(sendings.id, sendingId))
  await tx
    .update(invitations)
    .set({ delivery: 'sent', lastSentAt: sql`now()` })
    .from(sendings)
    .where(and(eq(sendings.id, sendingId), ofInvitation, isNewest))
}

export async function markFailed(tx: Tx, sendingId: string): Promise<void> {
  await tx
    .update(invitations)
    .set({ delivery: 'failed' })
    .from(sendings)
    .where(and(eq(sendings.id, sendingId), ofInvitation, isNewest))
}

/**
 * Says of a mail that nobody needs any more that it is no longer queued. One that lapsed in the queue has failed,
 * and not `none`: a resend of it is to mail again.
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

/**
 * Frees the jobs of queues that are known to have ended, and of those that died in the middle of a job: each job bounds
 * its own time well below three minutes. Graphile Worker itself would wait four hours.
 */
export async function unlockAbandonedJobs(db: Sql, ended: readonly string[] = []): Promise<void> {
  await db.execute(sql`select graphile_worker.force_unlock_workers(array(
    select locked_by from graphile_worker.jobs
    where locked_at < now() - interval '3 minutes' or locked_by = any(${sql.param([...ended])})))`)
}

// A batch is what one statement deletes well within its two seconds; an org goes when nothing large is left in it.

// A minute more than can be restored, so that no restore that began in time finds half an organisation.
const beyondRestoring = sql`orgs.deleted_at < now() - make_interval(days => ${RESTORABLE_DAYS}, mins => 1)`

export async function deleteOldInvitations(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from invitations where (org_id, id) in (select invitations.org_id, invitations.id
      from orgs join invitations on invitations.org_id = orgs.id where ${beyondRestoring} limit 1000)`,
  )
}

export async function deleteOldGrants(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from grants where (org_id, user_id, resource_id) in (select grants.org_id, grants.user_id,
      grants.resource_id from orgs join grants on grants.org_id = orgs.id where ${beyondRestoring} limit 5000)`,
  )
}

export async function deleteOldMembers(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from members where (org_id, user_id) in (select members.org_id, members.user_id
      from orgs join members on members.org_id = orgs.id where ${beyondRestoring}
      and not exists (select from grants where grants.org_id = members.org_id
        and grants.user_id = members.user_id) limit 1000)`,
  )
}

/** From the leaves up: a resource goes when nothing lies in it any more. */
export async function deleteOldResources(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from resources where (org_id, id) in (select resources.org_id, resources.id
      from orgs join resources on resources.org_id = orgs.id where ${beyondRestoring}
      and not exists (select from resources as below where below.org_id = resources.org_id
        and below.parent_id = resources.id) limit 1000)`,
  )
}

export async function deleteOldOrgs(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from orgs where id in (select id from orgs where ${beyondRestoring}
      and not exists (select from invitations where invitations.org_id = orgs.id)
      and not exists (select from members where members.org_id = orgs.id)
      and not exists (select from resources where resources.org_id = orgs.id)
      limit 100 for update skip locked)`,
  )
}

export async function deleteOldIdempotencyKeys(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from idempotency_keys where id in (select id from idempotency_keys
      where created_at < now() - interval '24 hours' order by created_at limit 1000 for update skip locked)`,
  )
}

export async function deleteOldWrongCodes(db: Sql): Promise<number> {
  return deleted(
    db,
    sql`delete from wrong_codes where id in (select id from wrong_codes
      where tried_at < now() - interval '1 minute' limit 1000 for update skip locked)`,
  )
}

async function deleted(db: Sql, statement: SQL): Promise<number> {
  return (await db.execute(statement)).rowCount ?? 0
}
