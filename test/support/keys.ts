import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Pair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

type Json = Record<string, unknown>

export function rsa(modulusLength = 2048): Pair {
  return generateKeyPairSync('rsa', { modulusLength })
}

export function ec(namedCurve = 'P-256'): Pair {
  return generateKeyPairSync('ec', { namedCurve })
}

export function ed25519(): Pair {
  return generateKeyPairSync('ed25519')
}

export function publicPem({ publicKey }: Pair): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString()
}

export function privatePem({ privateKey }: Pair): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

export function jwk({ publicKey }: Pair, members: Json = {}): Json {
  return { ...publicKey.export({ format: 'jwk' }), ...members }
}

/** Builds a JWT by hand, so that it can be as wrong as an attacker's. `alg` says how it is really signed. */
export function token(
  key: KeyObject | string,
  header: Json,
  claims: Json | string,
  alg = header.alg,
): string {
  const payload = typeof claims === 'string' ? claims : JSON.stringify(claims)
  const input = `${base64url(JSON.stringify(header))}.${base64url(payload)}`
  return `${input}.${signature(key, alg, input)}`
}

/** Claims that are valid for a minute. */
export function claims(more: Json = {}): Json {
  return { sub: 'user_1', exp: now() + 60, ...more }
}

/** Seconds, as JWTs count. */
export function now(): number {
  return Math.floor(Date.now() / 1000)
}

function signature(key: KeyObject | string, alg: unknown, input: string): string {
  if (alg === 'none') return ''
  if (typeof key === 'string' || key.type === 'secret') {
    const hash = alg === 'HS512' ? 'sha512' : alg === 'HS384' ? 'sha384' : 'sha256'
    return createHmac(hash, key).update(input).digest('base64url')
  }
  const hash = alg === 'EdDSA' ? null : alg === 'RS512' || alg === 'ES512' ? 'sha512' : 'sha256'
  return sign(hash, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}

/** Serves an identity provider's keys on a port of its own, and counts how often they are fetched. */
export async function jwksServer(keys: Json[]): Promise<JwksServer> {
  const state = { keys, fetches: 0, answer: 'keys' as JwksServer['answer'] }
  const server = createServer((_request, response) => {
    state.fetches += 1
    if (state.answer === 'silence') return
    response.statusCode = state.answer === 'error' ? 500 : 200
    response.setHeader('content-type', 'application/json')
    response.end(state.answer === 'nonsense' ? '<html>' : JSON.stringify({ keys: state.keys }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}/.well-known/jwks.json`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

export interface JwksServer {
  readonly url: string
  readonly close: () => Promise<void>
  keys: Json[]
  fetches: number
  answer: 'keys' | 'error' | 'nonsense' | 'silence'
}
