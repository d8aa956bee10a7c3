import type { FastifyInstance, FastifyRequest } from 'fastify'

// Bytes.
const SMALL = 64 * 1024
const MOST_AT_ONCE = 16 * 1024 * 1024

/** The limit, in bytes, of a body that is about thousands of members, or a batch of invitations. */
export const LARGE = 4 * 1024 * 1024

/**
 * Lets in at most 16 MiB of large bodies together, each counted from its first byte until its answer. Refuses any more
 * with 503. Small bodies are never refused here, so large ones that arrive slowly keep no small one out.
 */
export function limitLargeBodies(app: FastifyInstance): void {
  let held = 0
  app.addHook('onRoute', (route) => {
    if ((route.bodyLimit ?? 0) <= SMALL) return
    route.preParsing = (request, reply, _payload, done) => {
      const size = sizeOf(request)
      if (size > SMALL && held + size > MOST_AT_ONCE) return done(tooMany())
      held += size
      reply.raw.once('close', () => {
        held -= size
      })
      done()
    }
  })
}

/**
 * Returns the size in bytes, or the limit of the route for a chunked body. A body that is too large counts as 0:
 * Fastify refuses it before it is read.
 */
function sizeOf({ headers, routeOptions: { bodyLimit } }: FastifyRequest): number {
  if (headers['transfer-encoding'] !== undefined) return bodyLimit
  const declared = Number(headers['content-length'] ?? 0)
  return declared > bodyLimit ? 0 : declared
}

function tooMany(): Error {
  return Object.assign(new Error('more large bodies come at once than can be kept'), { code: 'LARGE_BODIES' })
}
