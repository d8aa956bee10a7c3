import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Problem } from '../problems.ts'

/**
 * Writes a problem as it is: its form is fixed, and not that of the route's answers. Needs no decoration and no hook,
 * since a URL that cannot be read is answered before either.
 */
export function sendDocument(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .headers({
      'content-type': 'application/problem+json',
      'x-request-id': problem.requestId,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problem)
}

/** Two kinds of request that Node would answer by itself, with no document, come to the app like any other. */
export function registerReplies(app: FastifyInstance): void {
  // RFC 9110, 10.1.1: an expectation that nobody knows may be passed over.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  // RFC 9112, 3.2: a request of HTTP/1.1 without a Host is refused.
  Object.assign(app.server, { requireHostHeader: false })
  app.addHook('onRequest', ({ id, raw }, reply, done) => {
    reply
      .header('x-request-id', id)
      .header('cache-control', 'no-store')
      .header('x-content-type-options', 'nosniff')
    if (raw.headers.host === undefined && raw.httpVersion === '1.1')
      done(Object.assign(new Error('no Host'), { code: 'MISSING_HOST' }))
    else done()
  })
}
