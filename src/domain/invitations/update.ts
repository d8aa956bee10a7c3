import type { Db } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { invitationUpdated } from '../events/changes.ts'
import { record } from '../events/record.ts'
import { findExistingResources } from '../resources/queries/tree.ts'
import type { IfMatch } from '../version.ts'
import { type InvitationChange, refuseMissing, rightsOf } from './draft.ts'
import { type Invitation, notPending } from './invitation.ts'
import { lockInvitationFor } from './lock.ts'
import { editPending } from './queries/lifecycle.ts'

/**
 * Changes what a pending invitation offers. A new term counts from now; the secret stays.
 *
 * @throws org_not_found, forbidden, invitation_not_found, version_mismatch, role_not_allowed, invitation_not_pending,
 *   resource_not_found.
 */
export async function updateInvitation(
  db: Db,
  actor: Actor,
  input: {
    orgId: string
    invitationId: string
    change: InvitationChange
    ifMatch?: IfMatch
  },
): Promise<Invitation> {
  return db.transaction(async (tx) => {
    const invitation = await lockInvitationFor(tx, actor, input)
    const { resourceRoles } = rightsOf({ ...invitation, ...input.change })
    if (invitation.status !== 'pending') throw notPending()
    if (Object.keys(input.change).length === 0) return invitation
    if (input.change.resourceRoles) {
      const ids = resourceRoles.map(({ resourceId }) => resourceId)
      refuseMissing(resourceRoles, await findExistingResources(tx, invitation.orgId, ids))
    }
    const edited = await editPending(
      tx,
      invitation,
      { ...input.change, ...(input.change.resourceRoles && { resourceRoles }) },
      actor,
    )
    if (!edited) throw notPending()
    await record(tx, actor, edited.orgId, invitationUpdated(edited, input.change))
    return edited
  })
}
