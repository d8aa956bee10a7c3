import cors from '@fastify/cors'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyHttpOptions, type RawServerDefault } from 'fastify'
import { authenticate, registerJwt } from './http/authenticate.ts'
import { compilers } from './http/compilers.ts'
import type { App, Deps } from './http/deps.ts'
import { limitLargeBodies } from './http/large-bodies.ts'
import { registerOpenApi } from './http/openapi.ts'
import { answerClientError, registerProblems, sendProblem } from './http/problems.ts'
import { registerReplies } from './http/reply.ts'
import { newRequestId } from './http/request-id.ts'
import { RequestLog, serializers } from './http/request-log.ts'
import { accessRoutes } from './http/routes/access.ts'
import { billingRoutes } from './http/routes/billing.ts'
import { eventRoutes } from './http/routes/events.ts'
import { invitationBatchRoute } from './http/routes/invitation-batch.ts'
import { invitationCodeRoutes, previewRoute } from './http/routes/invitation-codes.ts'
import { invitationRoutes } from './http/routes/invitations.ts'
import { meRoutes } from './http/routes/me.ts'
import { memberRoutes } from './http/routes/members.ts'
import { operationsRoutes } from './http/routes/operations.ts'
import { orgRoutes } from './http/routes/orgs.ts'
import { resourceMemberRoutes } from './http/routes/resource-members.ts'
import { resourceRoutes } from './http/routes/resources.ts'
import { userRoutes } from './http/routes/users.ts'
import { webhookRoutes } from './http/routes/webhooks.ts'
import { registerStrictInput } from './http/strict-input.ts'
import { registerSwaggerUi } from './http/swagger-ui.ts'
import { limitTime } from './http/time-limit.ts'
import { standInLine } from './http/waiting-line.ts'

const SIXTY_FOUR_KIBIBYTES = 64 * 1024
const TEN_SECONDS = 10_000

/** The whole of HTTP: what is registered, and in which order. */
export async function buildApp({ db, config, timeLimit = TEN_SECONDS }: Deps): Promise<App> {
  const app = Fastify({
    logger: { level: config.logLevel, serializers },
    logController: new RequestLog(),
    genReqId: newRequestId,
    trustProxy: config.trustProxy,
    bodyLimit: SIXTY_FOUR_KIBIBYTES,
    requestTimeout: TEN_SECONDS,
    // How often Node looks for requests that take too long to arrive; by default only each half minute.
    http: { connectionsCheckingInterval: 1_000 },
    return503OnClosing: false,
    routerOptions: { maxParamLength: 1024 },
    schemaController: { compilersFactory: compilers() },
    frameworkErrors: sendProblem,
    clientErrorHandler: answerClientError,
  } satisfies FastifyHttpOptions<RawServerDefault>).withTypeProvider<TypeBoxTypeProvider>()

  registerReplies(app)
  registerProblems(app)
  const deps = { config, db: limitTime(app, db, timeLimit) }
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

  operationsRoutes(app, deps)
  await app.register(async (scope: App) => {
    standInLine(scope, config.requestsAtOnce)
    previewRoute(scope, deps)
    await scope.register(async (scope: App) => {
      scope.addHook('onRequest', authenticate)
      for (const routes of ROUTES) routes(scope, deps)
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
