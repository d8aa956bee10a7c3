import { acceptInvitation } from '../../domain/invitations/accept.ts'
import { listOpenInvitations } from '../../domain/invitations/bell.ts'
import { declineInvitation } from '../../domain/invitations/decline.ts'
import { previewInvitation } from '../../domain/invitations/preview.ts'
import { created, ok } from '../answer.ts'
import type { Routes } from '../api.ts'
import { after, IdKey, page } from '../cursor.ts'
import { once } from '../idempotency/once.ts'
import { targetOf, versionedInputOf } from '../input.ts'
import { authenticateIfAsked } from '../tokens/authenticate.ts'
import * as operations from './operations.ts'
import { countingWrongCodes } from './wrong-codes.ts'

export const invitationCodeRoutes: Routes = (api, { limits }) => {
  api.get('/invitations', operations.listOpenInvitations, async (db, request) => {
    const { limit = 25 } = request.query
    const offers = await listOpenInvitations(db, request.actor, { limit, after: after(request, IdKey) })
    return ok(page(request, offers, ({ id }) => id))
  })

  api.post(
    '/invitations/:code/accept',
    operations.acceptInvitation,
    countingWrongCodes(limits, (guesser) =>
      once(async (db, request) => {
        const input = { ...targetOf(request), guesser }
        const { membership, joined } = await acceptInvitation(db, request.actor, input)
        const { orgId, userId } = membership
        return joined
          ? created(membership, `/orgs/${orgId}/members/${encodeURIComponent(userId)}`)
          : ok(membership)
      }),
    ),
  )

  api.post(
    '/invitations/:code/decline',
    operations.declineInvitation,
    countingWrongCodes(limits, (guesser) =>
      once(async (db, request) => {
        const input = { ...versionedInputOf(request), guesser }
        const { id, orgId, status, declinedAt, version } = await declineInvitation(db, request.actor, input)
        return ok({ id, orgId, status, declinedAt, version })
      }),
    ),
  )
}

/** The one route for people who have not signed in yet: anyone who holds a code may see where it leads. */
export const previewRoute: Routes = (api, { limits }) => {
  api.get(
    '/invitations/:code',
    operations.previewInvitation,
    countingWrongCodes(
      limits,
      (guesser) =>
        async (db, { actor, params }) =>
          ok(await previewInvitation(db, actor, { ...params, guesser })),
    ),
    { onRequest: authenticateIfAsked },
  )
}
