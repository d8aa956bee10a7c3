import cors from '@fastify/cors'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyHttpOptions, type RawServerDefault } from 'fastify'
import type { Config } from './config.ts'
import type { Db } from './db/client.ts'
import { accessRoutes } from './http/access/routes.ts'
import { type App, apiOn } from './http/api.ts'
import { billingRoutes } from './http/billing/routes.ts'
import { registerOpenApi } from './http/contract/openapi.ts'
import { registerSwaggerUi } from './http/contract/swagger-ui.ts'
import { eventRoutes } from './http/events/routes.ts'
import { healthRoutes } from './http/health/routes.ts'
import { invitationCodeRoutes, previewRoute } from './http/invitation-codes/routes.ts'
import { invitationBatchRoute } from './http/invitations/batch.ts'
import { invitationRoutes } from './http/invitations/routes.ts'
import { meRoutes } from './http/me/routes.ts'
import { memberRoutes } from './http/members/routes.ts'
import { orgRoutes } from './http/orgs/routes.ts'
import { limitLargeBodies } from './http/overload/large-bodies.ts'
import { limitTime } from './http/overload/time-limit.ts'
import { standInLine } from './http/overload/waiting-line.ts'
import { registerProblems, sendProblem } from './http/problems.ts'
import { resourceMemberRoutes } from './http/resources/members.ts'
import { resourceRoutes } from './http/resources/routes.ts'
import { compilers } from './http/server/compilers.ts'
import { answerClientError, registerProtocol } from './http/server/protocol.ts'
import { newRequestId } from './http/server/request-id.ts'
import { RequestLog, serializers } from './http/server/request-log.ts'
import { registerStrictInput } from './http/server/strict-input.ts'
import { authenticate, registerJwt } from './http/tokens/authenticate.ts'
import { userRoutes } from './http/users/routes.ts'
import { webhookRoutes } from './http/webhooks/routes.ts'

const SIXTY_FOUR_KIBIBYTES = 64 * 1024
const TEN_SECONDS = 10_000

export interface Deps {
  readonly db: Db
  readonly config: Config
  /** Milliseconds that a request may be handled, instead of ten seconds; for tests. */
  readonly timeLimit?: number
}

/** Builds the whole HTTP app: what is registered, and in which order. */
export async function buildApp({ db: database, config, timeLimit = TEN_SECONDS }: Deps): Promise<App> {
  const app = Fastify({
    logger: { level: config.logLevel, serializers },
    logController: new RequestLog(),
    genReqId: newRequestId,
    trustProxy: config.trustProxy,
    bodyLimit: SIXTY_FOUR_KIBIBYTES,
    requestTimeout: TEN_SECONDS,
    // Makes Node check every second for requests that take too long to arrive. Its default is half a minute.
    http: { connectionsCheckingInterval: 1_000 },
    return503OnClosing: false,
    routerOptions: { maxParamLength: 1024 },
    schemaController: { compilersFactory: compilers() },
    frameworkErrors: sendProblem,
    clientErrorHandler: answerClientError,
  } satisfies FastifyHttpOptions<RawServerDefault>).withTypeProvider<TypeBoxTypeProvider>()

  registerProtocol(app)
  registerProblems(app)
  const db = limitTime(app, database, timeLimit)
  registerStrictInput(app)
  limitLargeBodies(app)
  if (config.corsOrigins.length > 0)
    await app.register(cors, {
      origin: config.corsOrigins === '*' ? '*' : [...config.corsOrigins],
      methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposedHeaders: EXPOSED,
      strictPreflight: false,
    })
  await registerJwt(app, config.jwt)
  await registerOpenApi(app)
  registerSwaggerUi(app)

  healthRoutes(apiOn(app, db), config, app)
  await app.register(async (scope: App) => {
    standInLine(scope, config.requestsAtOnce)
    previewRoute(apiOn(scope, db), config, scope)
    await scope.register(async (scope: App) => {
      scope.addHook('onRequest', authenticate)
      const api = apiOn(scope, db)
      for (const routes of ROUTES) routes(api, config, scope)
    })
  })
  return app
}

const ROUTES = [
  meRoutes,
  orgRoutes,
  memberRoutes,
  invitationRoutes,
  invitationBatchRoute,
  invitationCodeRoutes,
  resourceRoutes,
  resourceMemberRoutes,
  billingRoutes,
  accessRoutes,
  userRoutes,
  eventRoutes,
  webhookRoutes,
]

const EXPOSED = [
  'ETag',
  'Location',
  'Idempotency-Replayed',
  'Retry-After',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'X-Request-Id',
]
