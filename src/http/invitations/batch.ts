import type { FastifyRequest } from 'fastify'
import { type BatchResult, inviteBatch } from '../../domain/invitations/invite-batch.ts'
import { ok } from '../answer.ts'
import type { Routes, Work } from '../api.ts'
import { byItem } from '../faults.ts'
import { once } from '../idempotency/once.ts'
import { stillManagesInvitations } from '../idempotency/still-may.ts'
import { LARGE } from '../overload/large-bodies.ts'
import { type Problem, problemOf } from '../problems.ts'
import * as operations from './operations.ts'

export const invitationBatchRoute: Routes = (api, config) => {
  api.post(
    '/orgs/:orgId/invitations/batch',
    operations.inviteBatch,
    besideMalformed((malformed) =>
      once(async (db, request) => {
        const wellFormed = request.body.invitations.filter((_, position) => !malformed.has(position))
        const invited = await inviteBatch(
          db,
          request.actor,
          { ...request.params, invitations: wellFormed },
          config,
        )
        const results = invited.map((result) => asResult(result, request))
        for (const [position, problem] of malformed) results.splice(position, 0, refused(problem))
        return ok({ results })
      }, stillManagesInvitations),
    ),
    { bodyLimit: LARGE, attachValidation: true },
  )
}

/** Finds the malformed items first: a body that is malformed as a whole is refused before its key is looked up. */
function besideMalformed<R extends FastifyRequest, T>(
  workFor: (malformed: ReadonlyMap<number, Problem>) => Work<R, T>,
): Work<R, T> {
  return (db, request) => workFor(malformedItems(request))(db, request)
}

/** Maps positions, ascending, to problems. @throws the error itself when it concerns more than single items. */
function malformedItems(request: FastifyRequest): ReadonlyMap<number, Problem> {
  const { validationError } = request
  if (!validationError) return new Map()
  const items = byItem(validationError, '/invitations')
  if (!items) throw validationError
  return new Map([...items].map(([position, error]) => [position, problemOf(error, request)]))
}

/** Answers for one item as a call for it alone would have answered. */
function asResult(result: BatchResult, request: FastifyRequest) {
  if ('invitation' in result) return { status: 201, invitation: result.invitation }
  return refused(problemOf(result.refusal, request))
}

function refused({ errors, orgs, ...problem }: Problem) {
  const lists = { ...(errors && { errors: [...errors] }), ...(orgs && { orgs: [...orgs] }) }
  return { status: problem.status, problem: { ...problem, ...lists } }
}
