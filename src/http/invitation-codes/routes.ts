import type { FastifyRequest } from 'fastify'
import { acceptInvitation } from '../../domain/invitations/accept.ts'
import { declineInvitation } from '../../domain/invitations/decline.ts'
import { countingMisses, type Guesser } from '../../domain/invitations/guessing.ts'
import { listOpenInvitations, previewInvitation } from '../../domain/invitations/read.ts'
import { created, ok, send } from '../answer.ts'
import { after, IdKey, page } from '../cursor.ts'
import { once } from '../idempotency/once.ts'
import { ifMatch } from '../input.ts'
import type { Deps, Routes } from '../route.ts'
import { authenticateIfAsked } from '../tokens/authenticate.ts'
import * as schemas from './operations.ts'

export const invitationCodeRoutes: Routes = (app, deps) => {
  const { db } = deps

  app.get('/invitations', { schema: schemas.listOpenInvitations }, async (request, reply) => {
    const { limit = 25 } = request.query
    const offers = await listOpenInvitations(db, request.actor, { limit, after: after(request, IdKey) })
    return send(reply, ok(page(request, offers, ({ id }) => id)))
  })

  app.post('/invitations/:code/accept', { schema: schemas.acceptInvitation }, async (request, reply) => {
    const input = { ...request.params, ifMatch: ifMatch(request.headers) }
    const accept = (guesser: Guesser) =>
      once(db, request, async (db) => {
        const { membership, joined } = await acceptInvitation(db, request.actor, { ...input, guesser })
        const { orgId, userId } = membership
        return joined
          ? created(membership, `/orgs/${orgId}/members/${encodeURIComponent(userId)}`)
          : ok(membership)
      })
    return send(reply, await countingWrongCodes(deps, request, accept))
  })

  app.post('/invitations/:code/decline', { schema: schemas.declineInvitation }, async (request, reply) => {
    const input = { ...request.params, ...request.body, ifMatch: ifMatch(request.headers) }
    const decline = (guesser: Guesser) =>
      once(db, request, async (db) => {
        const declined = await declineInvitation(db, request.actor, { ...input, guesser })
        const { id, orgId, status, declinedAt, version } = declined
        return ok({ id, orgId, status, declinedAt, version })
      })
    return send(reply, await countingWrongCodes(deps, request, decline))
  })
}

/** The one route for people who have not signed in yet: whoever holds a code may look where it leads. */
export const previewRoute: Routes = (app, deps) => {
  app.get(
    '/invitations/:code',
    { schema: schemas.previewInvitation, onRequest: authenticateIfAsked },
    async (request, reply) => {
      const { code } = request.params
      const preview = (guesser: Guesser) => previewInvitation(deps.db, request.actor, { code, guesser })
      return send(reply, ok(await countingWrongCodes(deps, request, preview)))
    },
  )
}

function countingWrongCodes<T>(
  { db, config }: Deps,
  request: FastifyRequest,
  work: (guesser: Guesser) => Promise<T>,
): Promise<T> {
  const caller = request.actor ? [`caller ${request.actor.type} ${request.actor.id}`] : []
  return countingMisses(db, config.limits.wrongCodesPerMinute, [`address ${request.ip}`, ...caller], work)
}
