import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { type Tx, theOne } from '../../../db/client.ts'
import { violatedConstraint } from '../../../db/errors.ts'
import { prepared, preparedForGiven } from '../../../db/statement.ts'
import { invitations } from '../../../db/tables/invitations.ts'
import type { By } from '../../actor.ts'
import { DomainError } from '../../errors.ts'
import type { Draft, InvitationChange, Term } from '../draft.ts'
import type { Invitation } from '../invitation.ts'
import { INVITATION, type InvitationRef, isPending, isThis, nextVersion, refOf } from './columns.ts'

const isUnanswered = inArray(invitations.status, ['pending', 'expired'])
const days = sql`${sql.placeholder('expiresInDays')}::int`

const invitation = prepared('invitation', (db) => db.select(INVITATION).from(invitations).where(isThis))

export async function findInvitation(tx: Tx, ref: InvitationRef): Promise<Invitation | undefined> {
  const [found] = await invitation(tx, refOf(ref))
  return found
}

const lapsed = prepared('retire_lapsed', (db) =>
  db
    .update(invitations)
    .set({ status: 'expired', version: nextVersion })
    .where(
      and(
        eq(invitations.orgId, sql.placeholder('orgId')),
        eq(invitations.email, sql.placeholder('email')),
        sql`${invitations.status} = 'pending' and ${invitations.expiresAt} <= now()`,
      ),
    ),
)

/** Frees the address of an invitation that lapsed unanswered, so that the unique index lets a new one in. */
export async function retireLapsed(tx: Tx, orgId: string, email: string): Promise<void> {
  await lapsed(tx, { orgId, email })
}

const inserted = prepared('insert_invitation', (db) =>
  db
    .insert(invitations)
    .values({
      orgId: sql.placeholder('orgId'),
      id: sql.placeholder('id'),
      email: sql.placeholder('email'),
      role: sql.placeholder('role'),
      resourceRoles: sql.placeholder('resourceRoles'),
      expiresInDays: sql.placeholder('expiresInDays'),
      expiresAt: sql.placeholder('expiresAt'),
      maxUses: sql.placeholder('maxUses'),
      allowedEmailDomains: sql.placeholder('allowedEmailDomains'),
      message: sql.placeholder('message'),
      metadata: sql.placeholder('metadata'),
      delivery: sql.placeholder('delivery'),
      inviterType: sql.placeholder('inviterType'),
      inviterId: sql.placeholder('inviterId'),
    })
    .returning(INVITATION),
)

export function newInvitationId(): string {
  return uuidv7()
}

/** @throws already_invited. */
export async function insertInvitation(
  tx: Tx,
  ref: InvitationRef,
  { notify, ...draft }: Draft & Term,
  by: By,
): Promise<Invitation> {
  const values = { ...draft, ...ref, ...inviterOf(by), delivery: notify ? 'queued' : 'none' }
  const [invited] = await inserted(tx, values).catch(refuseInvited)
  return theOne(invited)
}

const revocation = prepared('mark_revoked', (db) =>
  db
    .update(invitations)
    .set({ status: 'revoked', revokedAt: sql`now()`, version: nextVersion })
    .where(and(isThis, isUnanswered))
    .returning(INVITATION),
)

/** Revokes an invitation, also one that has lapsed. */
export async function markRevoked(tx: Tx, ref: InvitationRef): Promise<Invitation | undefined> {
  const [revoked] = await revocation(tx, refOf(ref))
  return revoked
}

const renewal = prepared('renew', (db) =>
  db
    .update(invitations)
    .set({
      status: 'pending',
      expiresAt: sql`${sql.placeholder('expiresAt')}::timestamptz`,
      delivery: sql`case when ${invitations.delivery} = 'none' then 'none' else 'queued' end`,
      inviterType: sql`${sql.placeholder('inviterType')}`,
      inviterId: sql`${sql.placeholder('inviterId')}`,
      version: nextVersion,
    })
    .where(and(isThis, isUnanswered))
    .returning(INVITATION),
)

/** Starts a new term, for which the caller who resends vouches. @throws already_invited. */
export async function renew(
  tx: Tx,
  ref: InvitationRef,
  { expiresAt }: Term,
  by: By,
): Promise<Invitation | undefined> {
  const values = { ...refOf(ref), ...inviterOf(by), expiresAt: expiresAt.toISOString() }
  const [renewed] = await renewal(tx, values).catch(refuseInvited)
  return renewed
}

type Edit = InvitationRef & {
  readonly [K in 'role' | 'resourceRoles' | 'inviterType' | 'inviterId']?: string | undefined
} & {
  readonly expiresInDays?: number | undefined
}

const edition = preparedForGiven<Edit, Invitation[]>('edit_pending', (db, given) => {
  const set = (name: keyof Edit, value: SQL = sql`${sql.placeholder(name)}`) =>
    given.has(name) && { [name]: value }
  return db
    .update(invitations)
    .set({
      ...set('role'),
      ...set('resourceRoles', sql`${sql.placeholder('resourceRoles')}::jsonb`),
      ...set('inviterType'),
      ...set('inviterId'),
      ...set('expiresInDays', days),
      ...(given.has('expiresInDays') && { expiresAt: sql`now() + make_interval(days => ${days})` }),
      version: nextVersion,
    })
    .where(and(isThis, isPending))
    .returning(INVITATION)
})

/** Changes a pending invitation. The caller who sets a right vouches for it. */
export async function editPending(
  tx: Tx,
  ref: InvitationRef,
  { role, resourceRoles, expiresInDays }: InvitationChange,
  by: By,
): Promise<Invitation | undefined> {
  const [edited] = await edition(tx, {
    ...refOf(ref),
    role,
    resourceRoles: resourceRoles && JSON.stringify(resourceRoles),
    ...((role || resourceRoles) && inviterOf(by)),
    expiresInDays,
  })
  return edited
}

function inviterOf(by: By) {
  return { inviterType: by.type, inviterId: by.id }
}

function refuseInvited(error: unknown): never {
  if (violatedConstraint(error) === 'invitations_one_pending')
    throw new DomainError(
      'already_invited',
      'This address has an open invitation already. Send that one again.',
    )
  throw error
}
