import { type Db, type Tx, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { invitationCreated } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { lockOrgFor } from '../orgs/lock.ts'
import { handOut, type InvitationSettings } from './hand-out.ts'
import { alreadyMember, type Draft, type DraftInput, draft, type HandedOut, type Term } from './invitation.ts'
import { refuseInviteOverLimit } from './limits.ts'
import { insertInvitation, newInvitationId, retireLapsed } from './queries/lifecycle.ts'
import { countBeforeInvite, lockCounters } from './queries/sendings.ts'
import { refuseMissing } from './resource-roles.ts'

/**
 * Invites an address, or makes an open code.
 *
 * @throws org_not_found, forbidden, invalid_request, role_not_allowed, resource_not_found,
 *   already_member, already_invited, rate_limited.
 */
export async function invite(
  db: Db,
  settings: InvitationSettings,
  actor: Actor,
  orgId: string,
  input: DraftInput,
): Promise<HandedOut> {
  return db.transaction(async (tx) => {
    const [, wanted] = await together(
      lockOrgFor(tx, actor, 'invitations:manage', orgId),
      consider(tx, settings, actor, orgId, input),
    )
    return addInvitation(tx, settings, actor, orgId, wanted)
  })
}

type Considered = Draft & Term & { readonly hasLapsed: boolean }

/** What is asked for, once nothing speaks against it. The org's lock has been asked for before. */
export async function consider(
  tx: Tx,
  { limits }: InvitationSettings,
  actor: Actor,
  orgId: string,
  input: DraftInput,
): Promise<Considered> {
  const wanted = draft(input)
  const [, , { expiresAt, hasLapsed, isMember, ...counts }] = await together(
    refuseMissing(tx, orgId, wanted.resourceRoles),
    lockCounters(tx, actor, wanted.notify ? wanted.email : null),
    countBeforeInvite(tx, orgId, actor, wanted),
  )
  if (isMember) throw alreadyMember()
  refuseInviteOverLimit(limits, counts, { person: actor.type === 'user', mails: wanted.notify })
  return { ...wanted, expiresAt, hasLapsed }
}

/** Makes what was considered, in the same transaction. */
export async function addInvitation(
  tx: Tx,
  settings: InvitationSettings,
  actor: Actor,
  orgId: string,
  { hasLapsed, ...wanted }: Considered,
): Promise<HandedOut> {
  const { email, notify } = wanted
  const place = { orgId, id: newInvitationId() }
  const [, invitation, , secret] = await together(
    hasLapsed && email !== null && retireLapsed(tx, orgId, email),
    insertInvitation(tx, place, actor, wanted),
    record(tx, actor, orgId, invitationCreated({ ...wanted, id: place.id })),
    handOut(tx, settings, actor, { ...place, mailTo: notify ? email : null }, false),
  )
  return { ...invitation, ...secret }
}
