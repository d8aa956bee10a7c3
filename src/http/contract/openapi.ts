import swagger from '@fastify/swagger'
import type { TSchema } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import * as access from '../access/schema.ts'
import * as billing from '../billing/schema.ts'
import { type Document, withEventData } from '../events/data-schema.ts'
import * as event from '../events/schema.ts'
import * as offer from '../invitation-codes/schema.ts'
import * as invitation from '../invitations/schema.ts'
import * as me from '../me/schema.ts'
import * as member from '../members/schema.ts'
import * as memberSync from '../members/sync-schema.ts'
import * as org from '../orgs/schema.ts'
import { type ProblemCode, statusOf } from '../problems.ts'
import * as resource from '../resources/schema.ts'
import * as userExport from '../users/export-schema.ts'
import * as user from '../users/schema.ts'
import { WEBHOOK_CALLS } from '../webhooks/call-schema.ts'
import * as webhook from '../webhooks/schema.ts'
import { NO_PARAMETERS, type Operation } from './operation.ts'
import { Problem } from './problem.ts'

/** Registers every named schema, then the document made from the routes that follow. */
export async function registerOpenApi(app: FastifyInstance): Promise<void> {
  for (const named of [
    Problem,
    ...[
      member,
      org,
      me,
      invitation,
      offer,
      resource,
      billing,
      access,
      event,
      webhook,
      user,
      userExport,
      memberSync,
    ].flatMap((schemas) => Object.values(schemas)),
  ])
    if ('$id' in named) app.addSchema(named)
  await app.register(swagger, {
    openapi: DOCUMENT,
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) => String(schema.$id ?? `def-${index}`),
    },
    transformObject: (made) => withEventData((made as { openapiObject: Document }).openapiObject),
    transform: ({ schema, url, route: { method } }) => ({
      url,
      schema: withAnswers(schema as unknown as Operation, method !== 'GET'),
    }),
  })
  // One for all who read it: slow ones would each hold a copy of their own.
  let text: Buffer | undefined
  app.get(
    '/openapi.json',
    { schema: { hide: true, querystring: NO_PARAMETERS } },
    async (_request, reply) => {
      text ??= Buffer.from(JSON.stringify(app.swagger()))
      return reply.type('application/json; charset=utf-8').send(text)
    },
  )
}

const DOCUMENT = {
  openapi: '3.1.0',
  info: {
    title: 'Muster',
    version: '1',
    description: `Organisations, members, roles and invitations, and the answer to "may this user do that here?".

Errors are problem documents (RFC 9457) with a stable \`code\`. Lists page by \`cursor\`. Every POST that changes something takes an \`Idempotency-Key\`. Unknown fields and parameters are refused. What is not here is a 404 \`route_not_found\`. A call that cannot be read as HTTP at all is answered by 400 \`malformed_request\`, 408 \`request_timeout\` or 431 \`headers_too_large\`.`,
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/', description: 'This service' }],
  tags: [
    { name: 'Me', description: 'The caller: profile, organisations, bell.' },
    {
      name: 'Organisations',
      description: 'Made at sign-up, customised, left, handed over, deleted, restored.',
    },
    { name: 'Members', description: 'Who is in an organisation, and in which role.' },
    {
      name: 'Invitations',
      description: 'By e-mail and by open code: sent, seen, accepted, declined, revoked.',
    },
    {
      name: 'Resources',
      description: 'The tree of an organisation: workspaces, domains, projects, and who may what there.',
    },
    { name: 'Billing', description: 'Invoice information, for Admins and Accounting alone.' },
    { name: 'Access', description: 'May this user do that here? And why.' },
    { name: 'Users', description: 'People over all organisations, for backends.' },
    { name: 'Events', description: 'Who did what: the audit log, and the feed over all organisations.' },
    { name: 'Webhooks', description: 'Endpoints of backends that are told of events.' },
    { name: 'Operations', description: 'For those who run Muster.' },
  ],
  components: {
    securitySchemes: {
      bearer: {
        type: 'http' as const,
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description:
          'A token of your identity provider; in development, one of `npm run token -- alice@example.com`.',
      },
    },
  },
  security: [{ bearer: [] }],
  webhooks: WEBHOOK_CALLS,
}

/** Tells the headers of what went well, and every problem: the rules' own, and what all operations share. */
function withAnswers(operation: Operation, takesBody: boolean) {
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
 * Swagger UI fills examples into its form, and would send a filter or a version that nobody chose. So an optional
 * parameter tells its example in words.
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
