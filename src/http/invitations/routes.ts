import { invite } from '../../domain/invitations/invite.ts'
import { getInvitation, listInvitations } from '../../domain/invitations/read.ts'
import { resendInvitation } from '../../domain/invitations/resend.ts'
import { revokeInvitation } from '../../domain/invitations/revoke.ts'
import { updateInvitation } from '../../domain/invitations/update.ts'
import { canonicalEmail } from '../../domain/users/email.ts'
import { created, ok } from '../answer.ts'
import type { Routes } from '../api.ts'
import { after, IdKey, page } from '../cursor.ts'
import { once } from '../idempotency/once.ts'
import { stillManagesInvitations } from '../idempotency/still-may.ts'
import { targetOf } from '../input.ts'
import * as operations from './operations.ts'

const INVITATIONS = '/orgs/:orgId/invitations'
const INVITATION = `${INVITATIONS}/:invitationId`

export const invitationRoutes: Routes = (api, config) => {
  api.post(
    INVITATIONS,
    operations.invite,
    once(async (db, { actor, params: { orgId }, body }) => {
      const invitation = await invite(db, actor, { ...body, orgId }, config)
      return created(invitation, `/orgs/${orgId}/invitations/${invitation.id}`)
    }, stillManagesInvitations),
  )

  api.get(INVITATIONS, operations.listInvitations, async (db, request) => {
    const { limit = 25, status, role, email } = request.query
    const filter = {
      status,
      role,
      email: email && (canonicalEmail(email) ?? email),
      limit,
      after: after(request, IdKey),
    }
    const invitations = await listInvitations(db, request.actor, { ...filter, ...request.params })
    return ok(page(request, invitations, ({ id }) => id))
  })

  api.get(INVITATION, operations.getInvitation, async (db, { actor, params }) =>
    ok(await getInvitation(db, actor, params)),
  )

  api.patch(INVITATION, operations.updateInvitation, async (db, request) =>
    ok(await updateInvitation(db, request.actor, { ...targetOf(request), change: request.body })),
  )

  api.post(
    `${INVITATION}/revoke`,
    operations.revokeInvitation,
    once(
      async (db, request) => ok(await revokeInvitation(db, request.actor, targetOf(request))),
      stillManagesInvitations,
    ),
  )

  api.post(
    `${INVITATION}/resend`,
    operations.resendInvitation,
    once(
      async (db, request) => ok(await resendInvitation(db, request.actor, targetOf(request), config)),
      stillManagesInvitations,
    ),
  )
}
