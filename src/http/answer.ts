import type { FastifyReply } from 'fastify'

/** The answer of a route. Under an `Idempotency-Key` it is kept as it is, and given again. */
export interface Answer<T> {
  readonly status: 200 | 201 | 204
  readonly body: T
  readonly version?: number
  readonly location?: string
  readonly replayed?: boolean
}

/** Answers 200, with the `ETag` of a body that has a version. */
export function ok<T extends object>(body: T): Answer<T> {
  return { status: 200, body, ...versionOf(body) }
}

/** Answers 201, with the `Location` of the new thing. */
export function created<T extends object>(body: T, location?: string): Answer<T> {
  return { status: 201, body, ...versionOf(body), ...(location !== undefined && { location }) }
}

export const DONE: Answer<undefined> = { status: 204, body: undefined }

/** Sends the answer, unless the time limit has refused the request meanwhile. */
export function send<T>(reply: FastifyReply, answer: Answer<T>): FastifyReply {
  if (reply.sent) return reply
  const { status, body, version, location, replayed } = answer
  if (version !== undefined) reply.header('etag', `"${version}"`)
  if (location !== undefined) reply.header('location', location)
  if (replayed) reply.header('idempotency-replayed', 'true')
  return reply.code(status).send(body)
}

function versionOf(body: object): { version?: number } {
  return 'version' in body && typeof body.version === 'number' ? { version: body.version } : {}
}
