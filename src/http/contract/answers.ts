import type { TSchema } from '@sinclair/typebox'
import { type ProblemCode, statusOf } from '../problems.ts'
import type { Operation } from './operation.ts'

/** Adds the headers of successes, and every problem: the operation's own refusals, and those that all share. */
export function withAnswers(operation: Operation, takesBody: boolean) {
  const { refusals, ...schema } = operation
  if (!refusals) return schema
  const codes: ProblemCode[] = [...refusals, ...sharedBy(operation, takesBody)]
  const byStatus = Object.groupBy(codes, (code) => String(statusOf(code)))
  const problems = Object.entries(byStatus).map(([status, of = []]) => [status, problemResponse(status, of)])
  const { querystring, headers } = operation
  return {
    ...schema,
    ...(querystring && { querystring: withoutPrefills(querystring) }),
    ...(headers && { headers: withoutPrefills(headers) }),
    response: { ...answersOf(operation), ...Object.fromEntries(problems) },
  }
}

function answersOf(operation: Operation): Record<string, object> {
  const replay = isRepeatable(operation) ? REPLAYED : {}
  const answers = Object.entries(operation.response).map(([status, schema]) => {
    const headers = { ...(status === '201' && LOCATION), ...schema.headers, ...replay }
    return [status, { ...schema, headers }]
  })
  return Object.fromEntries(answers)
}

function sharedBy(operation: Operation, takesBody: boolean): ProblemCode[] {
  return [
    'invalid_request',
    'malformed_url',
    ...(takesBody ? (['malformed_json', 'payload_too_large', 'unsupported_media_type'] as const) : []),
    ...(operation.security?.length === 0 ? [] : (['unauthenticated'] as const)),
    ...(isRepeatable(operation) ? (['idempotency_in_progress', 'idempotency_key_reused'] as const) : []),
    'internal_error',
    'unavailable',
  ]
}

function isRepeatable({ headers }: Operation): boolean {
  return headers !== undefined && 'Idempotency-Key' in headers.properties
}

function problemResponse(status: string, codes: readonly ProblemCode[]) {
  const schema = {
    allOf: [{ $ref: 'Problem#' }, { type: 'object', properties: { code: { type: 'string', enum: codes } } }],
  }
  return {
    'x-response-description': codes.map((code) => `\`${code}\``).join(', '),
    ...(PROBLEM_HEADERS[status] && { headers: PROBLEM_HEADERS[status] }),
    content: { 'application/problem+json': { schema } },
  }
}

const text = (description: string, example: string) => ({ type: 'string', description, examples: [example] })
const count = (description: string) => ({ type: 'integer', description })

const LOCATION = { Location: text('Where the new thing is.', '/orgs/01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e') }
const REPLAYED = {
  'Idempotency-Replayed': text(
    'Only on the first answer given again, for the same `Idempotency-Key`.',
    'true',
  ),
}
const RETRY = { 'Retry-After': count('Seconds after which to try again.') }
const PROBLEM_HEADERS: Readonly<Record<string, object>> = {
  401: { 'WWW-Authenticate': text('RFC 6750', 'Bearer error="invalid_token"') },
  429: {
    ...RETRY,
    'RateLimit-Limit': count('How much is allowed in a period.'),
    'RateLimit-Remaining': count('How much is left: 0.'),
    'RateLimit-Reset': count('Seconds until one more is allowed.'),
  },
  503: RETRY,
}

/**
 * Moves the example of an optional parameter into its description. Swagger UI would fill it into its form, and send a
 * filter or a version that the reader did not choose.
 */
function withoutPrefills(parameters: TSchema): TSchema {
  const required: readonly string[] = parameters.required ?? []
  const told = Object.entries<TSchema>(parameters.properties).map(([name, schema]) => {
    const { examples, description = '', ...rest } = schema
    if (required.includes(name) || !examples) return [name, schema]
    return [name, { ...rest, description: `${description} For example: \`${examples[0]}\``.trimStart() }]
  })
  return { ...parameters, properties: Object.fromEntries(told) }
}
