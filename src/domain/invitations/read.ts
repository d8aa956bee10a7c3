import type { Db } from '../../db/client.ts'
import { refuseReader } from '../access/rules.ts'
import type { Actor } from '../actor.ts'
import { type Invitation, invitationNotFound } from './invitation.ts'
import { type InvitationFilter, listInvitationRows } from './queries/lists.ts'

/** Runs one statement. @throws org_not_found, forbidden. */
export async function listInvitations(
  db: Db,
  actor: Actor,
  { orgId, ...filter }: InvitationFilter & { orgId: string },
): Promise<Invitation[]> {
  const page = await listInvitationRows(db.sql, actor, orgId, filter)
  refuseReader(actor, page, 'invitations:manage')
  return page?.rows ?? []
}

/** Runs one statement. @throws org_not_found, forbidden, invitation_not_found. */
export async function getInvitation(
  db: Db,
  actor: Actor,
  { orgId, invitationId: id }: { orgId: string; invitationId: string },
): Promise<Invitation> {
  const [invitation] = await listInvitations(db, actor, { orgId, id, limit: 1 })
  if (!invitation) throw invitationNotFound()
  return invitation
}
