import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { loadJwt } from '../../src/config.ts'
import { DomainError } from '../../src/domain/errors.ts'
import { authenticate, authenticateIfAsked, registerJwt } from '../../src/http/tokens/authenticate.ts'

/** Starts a server, configured by the environment, whose routes tell who the caller is; `/anyone` is open to all. */
export async function whoami(env: NodeJS.ProcessEnv): Promise<Whoami> {
  const app = fastify()
  await registerJwt(app, loadJwt(env))
  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof DomainError)) throw error
    const status = error.code === 'unauthenticated' ? 401 : 503
    return reply.code(status).send({ code: error.code, detail: error.message })
  })
  app.get('/whoami', { onRequest: authenticate }, ({ actor }) =>
    actor.type === 'service' ? { ...actor, scopes: [...actor.scopes] } : actor,
  )
  app.get('/anyone', { onRequest: authenticateIfAsked }, ({ actor }) => ({ id: actor?.id ?? null }))
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo

  const ask: Whoami['ask'] = async (headers, path = '/whoami') => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
    const text = await response.text()
    return {
      status: response.status,
      challenge: response.headers.get('www-authenticate'),
      body: JSON.parse(text),
      text,
    }
  }
  return { ask, askWith: (token) => ask({ authorization: `Bearer ${token}` }), close: () => app.close() }
}

export interface Whoami {
  ask(headers: Record<string, string>, path?: string): Promise<Answer>
  askWith(token: string): Promise<Answer>
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly challenge: string | null
  readonly body: unknown
  readonly text: string
}
