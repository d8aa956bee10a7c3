import type { IncomingMessage } from 'node:http'
import swagger, { type StaticDocumentSpec } from '@fastify/swagger'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import { registerProblems } from '../problems.ts'

/**
 * Serves Swagger UI at /docs from an app of its own, which is loaded at the first visit. The code that serves its files
 * would be a tenth of all that is loaded at the start.
 */
export function registerSwaggerUi(app: FastifyInstance): void {
  const ids = new WeakMap<IncomingMessage, string>()
  let page: Promise<FastifyInstance> | undefined
  for (const url of ['/docs', '/docs/*'])
    app.get(url, { schema: { hide: true } }, async ({ raw, id }, reply) => {
      page ??= openPage(app, (request) => ids.get(request) ?? '')
      const { routing } = await page
      ids.set(raw, id)
      for (const [name, value = ''] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value)
      reply.hijack()
      routing(raw, reply.raw)
    })
}

async function openPage(
  app: FastifyInstance,
  genReqId: (request: IncomingMessage) => string,
): Promise<FastifyInstance> {
  const { default: swaggerUi } = await import('@fastify/swagger-ui')
  const page: FastifyInstance = Fastify({
    loggerInstance: app.log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId,
  })
  registerProblems(page)
  // The plugin's types know OpenAPI only up to 3.0.
  const document = app.swagger() as StaticDocumentSpec['document']
  await page.register(swagger, { mode: 'static', specification: { document } })
  await page.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { persistAuthorization: true, tryItOutEnabled: true, displayOperationId: true },
    staticCSP: true,
    transformStaticCSP: fitPolicy,
  })
  await page.ready()
  return page
}

/**
 * Allows inline styles, which the page uses and the plugin's policy forgets. Removes the upgrade to https, which would
 * reach no server when Muster is called by name over plain HTTP, as on a company's network.
 */
function fitPolicy(policy: string): string {
  return policy
    .replace("style-src 'self' https:", "style-src 'self' 'unsafe-inline'")
    .replace(' upgrade-insecure-requests;', '')
}
