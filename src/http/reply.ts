import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Problem } from './problems.ts'

declare module 'fastify' {
  interface FastifyReply {
    problem(problem: Problem): FastifyReply
  }
}

/** Problems are written as they are: their form is fixed, and not that of the route's answers. */
export function registerReplies(app: FastifyInstance): void {
  app.decorateReply('problem', function (this: FastifyReply, problem: Problem) {
    return this.code(problem.status)
      .type('application/problem+json')
      .serializer((body: unknown) => JSON.stringify(body))
      .send(problem)
  })
}
