import { stillManagesInvitations } from '../../domain/access/authorize.ts'
import { invite } from '../../domain/invitations/invite.ts'
import { getInvitation, listInvitations } from '../../domain/invitations/read.ts'
import { resendInvitation } from '../../domain/invitations/resend.ts'
import { revokeInvitation } from '../../domain/invitations/revoke.ts'
import { updateInvitation } from '../../domain/invitations/update.ts'
import { canonicalEmail } from '../../domain/users/email.ts'
import { created, ok, send } from '../answer.ts'
import { after, IdKey, page } from '../cursor.ts'
import { once } from '../idempotency/once.ts'
import { ifMatch } from '../input.ts'
import type { Routes } from '../route.ts'
import * as schemas from './operations.ts'

export const invitationRoutes: Routes = (app, { db, config }) => {
  app.post('/orgs/:orgId/invitations', { schema: schemas.invite }, async (request, reply) => {
    const { orgId } = request.params
    const answer = await once(
      db,
      request,
      async (db) => {
        const invitation = await invite(db, config, request.actor, orgId, request.body)
        return created(invitation, `/orgs/${orgId}/invitations/${invitation.id}`)
      },
      stillManagesInvitations(request.actor, orgId),
    )
    return send(reply, answer)
  })

  app.get('/orgs/:orgId/invitations', { schema: schemas.listInvitations }, async (request, reply) => {
    const { limit = 25, status, role, email } = request.query
    const filter = {
      status,
      role,
      email: email && (canonicalEmail(email) ?? email),
      limit,
      after: after(request, IdKey),
    }
    const invitations = await listInvitations(db, request.actor, request.params.orgId, filter)
    return send(reply, ok(page(request, invitations, ({ id }) => id)))
  })

  app.get(
    '/orgs/:orgId/invitations/:invitationId',
    { schema: schemas.getInvitation },
    async (request, reply) => {
      const { orgId, invitationId } = request.params
      return send(reply, ok(await getInvitation(db, request.actor, orgId, invitationId)))
    },
  )

  app.patch(
    '/orgs/:orgId/invitations/:invitationId',
    { schema: schemas.updateInvitation },
    async (request, reply) => {
      const input = { ...request.params, change: request.body, ifMatch: ifMatch(request.headers) }
      return send(reply, ok(await updateInvitation(db, request.actor, input)))
    },
  )

  app.post(
    '/orgs/:orgId/invitations/:invitationId/revoke',
    { schema: schemas.revokeInvitation },
    async (request, reply) => {
      const input = { ...request.params, ifMatch: ifMatch(request.headers) }
      return send(
        reply,
        await once(
          db,
          request,
          async (db) => ok(await revokeInvitation(db, request.actor, input)),
          stillManagesInvitations(request.actor, input.orgId),
        ),
      )
    },
  )

  app.post(
    '/orgs/:orgId/invitations/:invitationId/resend',
    { schema: schemas.resendInvitation },
    async (request, reply) => {
      const input = { ...request.params, ifMatch: ifMatch(request.headers) }
      const answer = await once(
        db,
        request,
        async (db) => ok(await resendInvitation(db, config, request.actor, input)),
        stillManagesInvitations(request.actor, input.orgId),
      )
      return send(reply, answer)
    },
  )
}
