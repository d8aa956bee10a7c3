import swagger from '@fastify/swagger'
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
import * as resource from '../resources/schema.ts'
import * as userExport from '../users/export-schema.ts'
import * as user from '../users/schema.ts'
import * as webhook from '../webhooks/schema.ts'
import { withAnswers } from './answers.ts'
import { DOCUMENT } from './document.ts'
import { NO_PARAMETERS, type Operation } from './operation.ts'
import { Problem } from './problem.ts'

/** Registers every named schema, then the document, which is made from the routes that follow. */
export async function registerOpenApi(app: FastifyInstance): Promise<void> {
  for (const named of NAMED) app.addSchema(named)
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
  // All readers share one copy: otherwise each slow reader would hold one of its own.
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

/** The schemas with a name, in the order of the document's components. */
const NAMED = [
  { Problem },
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
].flatMap((schemas) => Object.values<object>(schemas).filter((schema) => '$id' in schema))
