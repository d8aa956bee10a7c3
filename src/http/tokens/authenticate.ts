import fastifyJwt, { type FastifyJWTOptions, type TokenOrHeader } from '@fastify/jwt'
import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { ALGORITHMS } from '../../config/verification-key.ts'
import type { Config } from '../../config.ts'
import { type Actor, isScope } from '../../domain/actor.ts'
import { DomainError } from '../../domain/errors.ts'
import { canonicalEmail } from '../../domain/users/email.ts'
import { JsonWebKeys } from './json-web-keys.ts'
import { type Verified, VerifiedTokens } from './verified-tokens.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller. Undefined after `authenticateIfAsked` when the caller sent no token. */
    actor: Actor
  }
  interface FastifyInstance {
    verifiedTokens: VerifiedTokens
  }
}

/** Registers the verification of tokens, with the one kind of key that is configured. */
export async function registerJwt(app: FastifyInstance, jwt: Config['jwt']): Promise<void> {
  const { key, algorithms, keysInForce } = verificationWith(app, jwt)
  const { issuer, audience } = jwt
  await app.register(fastifyJwt, {
    secret: { public: key },
    decode: { complete: true },
    verify: {
      algorithms,
      complete: true,
      requiredClaims: ['sub', 'exp', ...(issuer ? ['iss'] : []), ...(audience ? ['aud'] : [])],
      ...(issuer && { allowedIss: issuer }),
      ...(audience && { allowedAud: audience }),
    },
    messages: { authorizationTokenInvalid: ({ message }) => message },
  })
  app.decorateRequest('actor')
  app.decorate('verifiedTokens', new VerifiedTokens(keysInForce))
}

type Verification = Pick<NonNullable<FastifyJWTOptions['verify']>, 'algorithms'> & {
  key: Extract<FastifyJWTOptions['secret'], { public: unknown }>['public']
  /** Returns another number when the set of valid keys changes; undefined while that is not known. */
  keysInForce: () => number | undefined
}

/** Pairs each kind of key with the algorithms it may verify. No token chooses how its signature is read. */
function verificationWith(app: FastifyInstance, jwt: Config['jwt']): Verification {
  switch (jwt.kind) {
    case 'secret':
      return { key: jwt.secret, algorithms: ['HS256'], keysInForce: () => 0 }
    case 'public-key':
      return { key: jwt.publicKey, algorithms: [jwt.algorithm], keysInForce: () => 0 }
    case 'jwks': {
      const keys = new JsonWebKeys(jwt.url, app.log)
      const find = (_request: FastifyRequest, token: TokenOrHeader) => keys.find(token.header)
      return { key: find, algorithms: [...ALGORITHMS], keysInForce: () => keys.inForce() }
    }
  }
}

/**
 * The `onRequest` hook of every route that needs to know the caller. It finishes at once for a token that it knows.
 *
 * @throws DomainError `unauthenticated`, with the challenge of RFC 6750 on the reply; `unavailable` when the keys of
 *   the identity provider cannot be read
 */
export function authenticate(
  request: FastifyRequest,
  reply: FastifyReply,
  done: HookHandlerDoneFunction,
): void {
  const { authorization = '' } = request.headers
  const { verifiedTokens } = request.server
  const speak = (actor: Actor) => {
    request.actor = actor
    done()
  }
  const refuse = (error: unknown) => {
    const refusal = error instanceof DomainError ? error : refusalFrom(error)
    if (refusal.code === 'unauthenticated') reply.header('www-authenticate', challengeTo(request))
    done(refusal)
  }
  const known = verifiedTokens.find(authorization)
  if (known) speak(known)
  else verifiedTokens.verify(authorization, () => verified(request)).then(speak, refuse)
}

/** Does the same for a route that is open to all: no header, no actor. A token that is sent must still be valid. */
export function authenticateIfAsked(
  request: FastifyRequest,
  reply: FastifyReply,
  done: HookHandlerDoneFunction,
): void {
  if (request.headers.authorization === undefined) done()
  else authenticate(request, reply, done)
}

type Claims = Readonly<Record<string, unknown>>

async function verified(request: FastifyRequest): Promise<Verified> {
  const { header, payload } = await request.jwtVerify<{ header: object; payload: Claims }>()
  // RFC 7515, 4.1.11: a verifier must understand each header that `crit` lists, and an empty list is invalid. The
  // library lets null pass.
  if (['jwk', 'jku', 'x5u'].some((name) => name in header))
    throw unauthenticated('The token brings a key of its own, or says where one is.')
  if ('crit' in header) throw unauthenticated('The token has critical headers that are not understood here.')
  const { nbf: notBefore = 0, exp: expires } = payload
  if (typeof notBefore !== 'number' || typeof expires !== 'number')
    throw unauthenticated('The token does not say for how long it is valid.')
  return { actor: Object.freeze(actorFrom(payload)), notBefore, expires }
}

/** A token that holds a scope of Muster's speaks for a service; any other speaks for a user. */
function actorFrom(claims: Claims): Actor {
  const id = subjectOf(claims)
  const scopes = new Set(typeof claims.scope === 'string' ? claims.scope.split(' ').filter(isScope) : [])
  if (scopes.size > 0) return { type: 'service', id, scopes }

  const email = typeof claims.email === 'string' ? canonicalEmail(claims.email) : null
  const emailVerified = email !== null && claims.email_verified === true
  return { type: 'user', id, email, emailVerified, name: nameIn(claims) }
}

function subjectOf({ sub }: Claims): string {
  if (typeof sub === 'string' && /^[^\p{Cc}\p{Cs}]{1,255}$/u.test(sub)) return sub
  throw unauthenticated('The sub claim must be a string of 1 to 255 characters.')
}

/** Returns at most 200 characters on one line. An unusable name is no reason to refuse a caller. */
function nameIn({ name }: Claims): string | null {
  if (typeof name !== 'string') return null
  const line = name
    .toWellFormed()
    .replace(/[\p{Cc}\s\u2028-\u202E\u2066-\u2069]+/gu, ' ')
    .trim()
  return [...line].slice(0, 200).join('').trim() || null
}

function refusalFrom(error: unknown): DomainError {
  const { code, message } = error instanceof Error && 'code' in error ? error : { code: null, message: '' }
  switch (code) {
    case 'FST_JWT_NO_AUTHORIZATION_IN_HEADER':
    case 'FST_JWT_BAD_REQUEST':
      return unauthenticated('Send a token in the header, as in: Authorization: Bearer <JWT>')
    case 'FST_JWT_AUTHORIZATION_TOKEN_EXPIRED':
      return unauthenticated('The token has expired.')
    case 'FST_JWT_AUTHORIZATION_TOKEN_INVALID':
      return unauthenticated(message)
    case 'FAST_JWT_INACTIVE':
      return unauthenticated('The token is not valid yet.')
    case 'FAST_JWT_INVALID_ALGORITHM':
      return unauthenticated('The token is signed in a way that is not accepted here.')
    default:
      return unauthenticated('The token is not valid.')
  }
}

function unauthenticated(message: string): DomainError {
  return new DomainError('unauthenticated', message)
}

/** RFC 6750, section 3: no error is named to a caller who sent no token. */
function challengeTo({ headers }: FastifyRequest): string {
  return /^bearer\s/i.test(headers.authorization ?? '') ? 'Bearer error="invalid_token"' : 'Bearer'
}
