import type { FastifyRequest } from 'fastify'
import { stillManagesInvitations } from '../../domain/access/authorize.ts'
import { type BatchResult, inviteBatch } from '../../domain/invitations/invite-batch.ts'
import { ok, send } from '../answer.ts'
import { byItem } from '../faults.ts'
import { once } from '../idempotency/once.ts'
import { type Problem, problemOf } from '../problems.ts'
import type { Routes } from '../route.ts'
import * as schemas from './operations.ts'

const FOUR_MEBIBYTES = 4 * 1024 * 1024

export const invitationBatchRoute: Routes = (app, { db, config }) => {
  const options = { schema: schemas.inviteBatch, bodyLimit: FOUR_MEBIBYTES, attachValidation: true }
  app.post('/orgs/:orgId/invitations/batch', options, async (request, reply) => {
    const { actor, params } = request
    const malformed = malformedItems(request)
    const answer = await once(
      db,
      request,
      async (db) => {
        const wellFormed = request.body.invitations.filter((_, position) => !malformed.has(position))
        const invited = await inviteBatch(db, config, actor, params.orgId, wellFormed)
        const results = invited.map((result) => asResult(result, request))
        for (const [position, problem] of malformed) results.splice(position, 0, refused(problem))
        return ok({ results })
      },
      stillManagesInvitations(actor, params.orgId),
    )
    return send(reply, answer)
  })
}

/** By position, in ascending order. @throws the error itself when something is wrong with more than single items. */
function malformedItems(request: FastifyRequest): ReadonlyMap<number, Problem> {
  const { validationError } = request
  if (!validationError) return new Map()
  const items = byItem(validationError, '/invitations')
  if (!items) throw validationError
  return new Map([...items].map(([position, error]) => [position, problemOf(error, request)]))
}

/** What the call for this one alone would have answered. */
function asResult(result: BatchResult, request: FastifyRequest) {
  if ('invitation' in result) return { status: 201, invitation: result.invitation }
  return refused(problemOf(result.refusal, request))
}

function refused({ errors, ...problem }: Problem) {
  return { status: problem.status, problem: { ...problem, ...(errors && { errors: [...errors] }) } }
}
