import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isUnavailable } from '../db/errors.ts'
import { CODES, type Code, DomainError, type Kind } from '../domain/errors.ts'
import { type Fault, faultsIn } from './faults.ts'
import { redactUrl } from './server/request-log.ts'

const STATUS: Record<Kind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  gone: 410,
  stale: 412,
  unprocessable: 422,
  limited: 429,
  unavailable: 503,
}

/** Problems of HTTP itself, found before a rule of the domain is asked. */
export const HTTP_CODES = {
  malformed_json: 400,
  malformed_url: 400,
  malformed_request: 400,
  route_not_found: 404,
  request_timeout: 408,
  payload_too_large: 413,
  unsupported_media_type: 415,
  headers_too_large: 431,
  internal_error: 500,
} as const

export type ProblemCode = Code | keyof typeof HTTP_CODES

export function statusOf(code: ProblemCode): number {
  return code in HTTP_CODES ? HTTP_CODES[code as keyof typeof HTTP_CODES] : STATUS[CODES[code as Code]]
}

/** RFC 9457. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly code: ProblemCode
  readonly requestId: string
  readonly errors?: readonly Fault[]
  /** Only with `last_admin`, when it is about more than the organisation of the call. */
  readonly orgs?: readonly { readonly id: string; readonly name: string }[]
}

/** Turns every error into a problem document: errors of the domain, of the framework, and all others (500). */
export function registerProblems(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => sendProblem(error, request, reply))
  app.setNotFoundHandler((request, reply) => {
    const detail = `There is no ${request.method} ${redactUrl(request.url)}. The routes are listed at /docs.`
    return sendDocument(reply, problem('route_not_found', detail, request))
  })
}

/** Answers an error, also one that Fastify meets before it knows the route. */
export function sendProblem(error: Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const found = problemOf(error, request)
  if (found.status >= 500 && !isOverload(error)) request.log.error({ err: error }, found.code)
  if (error instanceof DomainError) tellLimit(error, reply)
  if (found.status === 503) reply.header('retry-after', 1)
  return sendDocument(reply, found)
}

/** True for a refusal by overload. An overload refuses many callers at once, so the log gets no error for each. */
function isOverload(error: Error): boolean {
  return 'code' in error && (error.code === 'OVERLOAD' || error.code === 'LARGE_BODIES')
}

/**
 * Writes a problem in its own fixed form, not that of the route's answers. Needs no decoration and no hook: Fastify
 * answers a URL that it cannot read before either.
 */
function sendDocument(reply: FastifyReply, document: Problem): FastifyReply {
  return reply
    .code(document.status)
    .headers({
      'content-type': 'application/problem+json',
      'x-request-id': document.requestId,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    .serializer((body: unknown) => JSON.stringify(body))
    .send(document)
}

export function problemOf(error: Error, request: { id: string; url: string }): Problem {
  if (error instanceof DomainError) {
    const { pointer, orgs } = error.refusal
    const faults = pointer === undefined ? undefined : [{ pointer, detail: error.message }]
    return { ...problem(error.code, error.message, request, faults), ...(orgs && { orgs }) }
  }
  const faults = faultsIn(error)
  if (faults) return problem('invalid_request', 'The request does not have the right form.', request, faults)
  const known = FRAMEWORK['code' in error ? String(error.code) : ''] ?? guessed(error)
  if (known) return problem(known[0], known[1], request)
  return problem(
    'internal_error',
    'Something went wrong here. It is in the log under the requestId.',
    request,
  )
}

export function problem(
  code: ProblemCode,
  detail: string,
  request: { id: string; url: string },
  errors?: readonly Fault[],
): Problem {
  return {
    type: `urn:muster:problem:${code}`,
    title: titleOf(code),
    status: statusOf(code),
    detail,
    instance: redactUrl(request.url),
    code,
    requestId: request.id,
    ...(errors && { errors }),
  }
}

function titleOf(code: string): string {
  return code.charAt(0).toUpperCase() + code.slice(1).replaceAll('_', ' ')
}

/** Sets `Retry-After` (RFC 9110) and the `RateLimit-*` fields of draft-ietf-httpapi-ratelimit-headers, version 03. */
function tellLimit({ refusal: { limit, retryAfter } }: DomainError, reply: FastifyReply): void {
  if (limit === undefined || retryAfter === undefined) return
  reply.headers({
    'retry-after': retryAfter,
    'ratelimit-limit': limit,
    'ratelimit-remaining': 0,
    'ratelimit-reset': retryAfter,
  })
}

/** Handles errors that are not in the table: a plug-in's refusal of the request, and an unreachable database. */
function guessed(error: Error): readonly [ProblemCode, string] | undefined {
  if (isUnavailable(error)) return BUSY
  const { statusCode = 500 } = error as FastifyError
  return statusCode >= 400 && statusCode < 500 ? UNFIT : undefined
}

const UNFIT: readonly [ProblemCode, string] = [
  'malformed_request',
  'The request cannot be handled as it was sent (RFC 9110).',
]

const BUSY: readonly [ProblemCode, string] = [
  'unavailable',
  'The service is busy or its database is away. Try again soon.',
]

const FRAMEWORK: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload_too_large', 'The body is larger than this route takes.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'Send application/json.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'malformed_request',
    'The body does not have the length that Content-Length says.',
  ],
  FST_ERR_BAD_URL: ['malformed_url', 'The URL has a percent sign that encodes nothing.'],
  FST_ERR_MAX_PARAM_LENGTH: ['malformed_url', 'A part of the URL is too long.'],
  FST_ERR_ASYNC_CONSTRAINT: ['malformed_request', 'The request has a header that does not fit this service.'],
  OVERLOAD: ['unavailable', 'More requests come than can be answered. Try again soon.'],
  LARGE_BODIES: ['unavailable', 'Too many large bodies are arriving at once. Try again soon.'],
  TOO_LATE: ['unavailable', 'The answer took too long. Nothing was changed. Try again soon.'],
  FST_ERR_REOPENED_CLOSE_SERVER: BUSY,
  MISSING_HOST: ['malformed_request', 'A request of HTTP/1.1 needs a Host header (RFC 9112).'],
  MALFORMED_JSON: ['malformed_json', 'The body is not JSON (RFC 8259) in UTF-8.'],
}
