import type { FastifyReply } from 'fastify'

/** What a route says: kept under an `Idempotency-Key` as it is, and said again. */
export interface Answer<T> {
  readonly status: 200 | 201 | 204
  readonly body: T
  readonly version?: number
  readonly location?: string
  readonly replayed?: boolean
}

/** 200, with the `ETag` of what has a version. */
export function ok<T extends object>(body: T): Answer<T> {
  return { status: 200, body, ...versionOf(body) }
}

/** 201, with where the new thing is. */
export function created<T extends object>(body: T, location?: string): Answer<T> {
  return { status: 201, body, ...versionOf(body), ...(location !== undefined && { location }) }
}

export const DONE: Answer<undefined> = { status: 204, body: undefined }

/** Says nothing more to who was refused meanwhile, for want of time. */
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
