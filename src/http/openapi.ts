import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { type ProblemCode, statusOf } from './problems.ts'
import * as invitation from './schemas/invitation.ts'
import * as me from './schemas/me.ts'
import * as member from './schemas/member.ts'
import type { Operation } from './schemas/operation.ts'
import * as org from './schemas/org.ts'
import { Problem } from './schemas/problem.ts'

/** Registers every named schema, then the document and the page made from the routes that follow. */
export async function registerOpenApi(app: FastifyInstance): Promise<void> {
  for (const named of [
    Problem,
    ...[member, org, me, invitation].flatMap((schemas) => Object.values(schemas)),
  ])
    if ('$id' in named) app.addSchema(named)
  await app.register(swagger, {
    openapi: DOCUMENT,
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) => String(schema.$id ?? `def-${index}`),
    },
    transform: ({ schema, url }) => ({ url, schema: withProblems(schema as unknown as Operation) }),
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { persistAuthorization: true, tryItOutEnabled: true, displayOperationId: true },
    staticCSP: true,
  })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}

const DOCUMENT = {
  openapi: '3.1.0',
  info: {
    title: 'Muster',
    version: '1',
    description: `Organisations, members, roles and invitations, and the answer to "may this user do that here?".

Errors are problem documents (RFC 9457) with a stable \`code\`. Lists page by \`cursor\`. Every POST takes an \`Idempotency-Key\`. Unknown fields and parameters are refused. A call that cannot be read as HTTP at all is answered by 400 \`malformed_request\`, 408 \`request_timeout\` or 431 \`headers_too_large\`.`,
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
}

/** Adds every problem that the operation can answer: the rules' own, and what all operations share. */
function withProblems(operation: Operation) {
  const { refusals, ...schema } = operation
  if (!refusals) return schema
  const codes: ProblemCode[] = [...refusals, ...sharedBy(operation)]
  const byStatus = Object.groupBy(codes, (code) => String(statusOf(code)))
  const problems = Object.entries(byStatus).map(([status, ofStatus = []]) => [
    status,
    problemResponse(ofStatus),
  ])
  return { ...schema, response: { ...schema.response, ...Object.fromEntries(problems) } }
}

function sharedBy({ security, body, params, querystring, headers }: Operation): ProblemCode[] {
  const open = security?.length === 0
  return [
    ...(body || params || querystring || headers ? (['invalid_request'] as const) : []),
    'malformed_url',
    ...(body ? (['malformed_json', 'payload_too_large', 'unsupported_media_type'] as const) : []),
    ...(open ? [] : (['unauthenticated'] as const)),
    ...(headers && 'Idempotency-Key' in headers.properties
      ? (['idempotency_in_progress', 'idempotency_key_reused'] as const)
      : []),
    'internal_error',
    'unavailable',
  ]
}

function problemResponse(codes: readonly ProblemCode[]) {
  const schema = {
    allOf: [{ $ref: 'Problem#' }, { type: 'object', properties: { code: { type: 'string', enum: codes } } }],
  }
  return {
    'x-response-description': codes.map((code) => `\`${code}\``).join(', '),
    content: { 'application/problem+json': { schema } },
  }
}
