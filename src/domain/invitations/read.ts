import type { Db } from '../../db/client.ts'
import { refuseReader, refuseService } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { type Guesser, refuseGuesser } from './guessing.ts'
import { type Invitation, invitationNotFound, refuseClosed } from './invitation.ts'
import { keyOf } from './key.ts'
import { findByKey, type InvitationFilter, listInvitationRows, listOpenRows } from './queries/lists.ts'

/** @throws org_not_found, forbidden. One statement. */
export async function listInvitations(
  db: Db,
  actor: Actor,
  orgId: string,
  filter: InvitationFilter,
): Promise<Invitation[]> {
  const page = await listInvitationRows(db.sql, actor, orgId, filter)
  refuseReader(actor, page, 'invitations:manage')
  return page?.rows ?? []
}

/** @throws org_not_found, forbidden, invitation_not_found. One statement. */
export async function getInvitation(db: Db, actor: Actor, orgId: string, id: string): Promise<Invitation> {
  const [invitation] = await listInvitations(db, actor, orgId, { id, limit: 1 })
  if (!invitation) throw invitationNotFound()
  return invitation
}

interface OrgFace {
  readonly id: string
  readonly name: string
  readonly logoUrl: string | null
}

/** An invitation as the invited see it: no address, and of the inviter the name alone. */
export type Offer = Pick<Invitation, 'id' | 'role' | 'message' | 'createdAt' | 'expiresAt' | 'version'> & {
  readonly org: OrgFace
  readonly invitedBy: { readonly name: string | null }
}

/** The bell: what waits for the caller's verified address. One statement. @throws forbidden for a service. */
export async function listOpenInvitations(
  db: Db,
  actor: Actor,
  page: { after?: string | undefined; limit: number },
): Promise<Offer[]> {
  refuseService(actor)
  return (await listOpenRows(db.sql, actor, page)).map(offer)
}

/**
 * What a code would lead to; changes nothing. One statement.
 *
 * @param actor undefined for somebody who holds a code and has not signed in.
 * @throws rate_limited, invitation_not_found, invitation_used, invitation_declined, invitation_revoked,
 *   invitation_expired.
 */
export async function previewInvitation(
  db: Db,
  actor: Actor | undefined,
  { code, guesser }: { code: string; guesser: Guesser },
): Promise<Offer> {
  const found = await findByKey(db.sql, keyOf(code, actor), guesser.triedBy)
  const { guesses, inviterIsAdmin, invitation, org } = found
  refuseGuesser(guesser, guesses)
  if (!invitation || !org) throw invitationNotFound()
  refuseClosed({ invitation, inviterIsAdmin })
  return offer({ invitation, org })
}

function offer({ invitation, org }: { invitation: Invitation; org: OrgFace }): Offer {
  const { id, role, message, createdAt, expiresAt, version, invitedBy } = invitation
  return { id, org, role, invitedBy: { name: invitedBy.name }, message, createdAt, expiresAt, version }
}
