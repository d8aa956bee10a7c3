import { type Db, type Tx, together } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { invitationCreated } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { lockOrgFor } from '../orgs/lock.ts'
import { findExistingResources } from '../resources/queries/tree.ts'
import { type Draft, type DraftInput, draftOf, refuseMissing, type Term } from './draft.ts'
import { alreadyMember, type HandedOut, type InvitationSettings } from './invitation.ts'
import { refuseInviteOverLimit } from './limits.ts'
import { insertInvitation, newInvitationId, retireLapsed } from './queries/lifecycle.ts'
import { countBeforeInvite, handOut, lockCounters } from './queries/sendings.ts'

/**
 * Invites an address, or makes an open code.
 *
 * @throws org_not_found, forbidden, invalid_request, role_not_allowed, resource_not_found, already_member,
 *   already_invited, rate_limited.
 */
export async function invite(
  db: Db,
  actor: Actor,
  input: DraftInput & { orgId: string },
  settings: InvitationSettings,
): Promise<HandedOut> {
  const { orgId } = input
  return db.transaction(async (tx) => {
    const [, considered] = await together(
      lockOrgFor(tx, actor, 'invitations:manage', orgId),
      consider(tx, actor, input, settings),
    )
    return addInvitation(tx, actor, { ...considered, orgId }, settings)
  })
}

type Considered = Draft & Term & { readonly hasLapsed: boolean }

/** Returns the draft if nothing speaks against it. The caller has sent the statement for the org's lock before. */
export async function consider(
  tx: Tx,
  actor: Actor,
  { orgId, ...input }: DraftInput & { orgId: string },
  { limits }: InvitationSettings,
): Promise<Considered> {
  const draft = draftOf(input)
  const ids = draft.resourceRoles.map(({ resourceId }) => resourceId)
  const [existing, , { expiresAt, hasLapsed, isMember, ...counts }] = await together(
    findExistingResources(tx, orgId, ids),
    lockCounters(tx, draft.notify ? draft.email : null, actor),
    countBeforeInvite(tx, orgId, draft, actor),
  )
  refuseMissing(draft.resourceRoles, existing)
  if (isMember) throw alreadyMember()
  refuseInviteOverLimit(limits, counts, { person: actor.type === 'user', mails: draft.notify })
  return { ...draft, expiresAt, hasLapsed }
}

/** Makes the invitation that `consider` returned, in the same transaction. */
export async function addInvitation(
  tx: Tx,
  actor: Actor,
  { orgId, hasLapsed, ...draft }: Considered & { orgId: string },
  settings: InvitationSettings,
): Promise<HandedOut> {
  const { email, notify } = draft
  const ref = { orgId, id: newInvitationId() }
  const [, invitation, , secret] = await together(
    hasLapsed && email !== null && retireLapsed(tx, orgId, email),
    insertInvitation(tx, ref, draft, actor),
    record(tx, actor, orgId, invitationCreated({ ...draft, id: ref.id })),
    handOut(tx, { ...ref, mailTo: notify ? email : null, resend: false }, settings, actor),
  )
  return { ...invitation, ...secret }
}
