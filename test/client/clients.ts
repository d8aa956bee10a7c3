import { Muster as Client } from '../../openapi/client.ts'
import { claims, now, token } from '../support/keys.ts'
import type { Muster } from '../support/muster.ts'

/** The generated client of this Muster, by whom it calls for; and their tokens. */
export function clientsOf({ url, config }: Muster) {
  const secret = config.jwt.kind === 'secret' ? config.jwt.secret : ''
  const signed = (more: Record<string, unknown>) =>
    token(secret, { alg: 'HS256' }, claims({ exp: now() + 3600, ...more }))
  const userToken = (id: string, name = id) =>
    signed({ sub: id, email: `${id}@example.com`, email_verified: true, name })
  const serviceToken = (scope: string) => signed({ sub: 'backend', scope })
  return {
    userToken,
    serviceToken,
    user: (id: string, name?: string) => new Client({ url, token: () => userToken(id, name) }),
    service: (scope: string) => new Client({ url, token: serviceToken(scope) }),
  }
}
