import { isLoopback } from './addresses.ts'
import { MAKE_ONE, readDevelopmentSecret } from './development-secret.ts'
import type { Environment } from './environment.ts'
import { type Algorithm, algorithmOf, publicKeyFromPem, UnfitKeyError } from './verification-key.ts'

/** Settings that verify tokens: exactly one kind of key, and an issuer and an audience when they are set. */
export type Jwt = Key & { readonly issuer: string | null; readonly audience: string | null }

type Key =
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'public-key'; readonly publicKey: string; readonly algorithm: Algorithm }
  | { readonly kind: 'jwks'; readonly url: string }

export function readJwt(environment: Environment, dataDir: string): Jwt {
  return {
    ...readKey(environment, dataDir),
    issuer: environment.exact('JWT_ISSUER'),
    audience: environment.exact('JWT_AUDIENCE'),
  }
}

function readKey(environment: Environment, dataDir: string): Key {
  const secret = environment.exact('JWT_SECRET')
  const publicKey = environment.text('JWT_PUBLIC_KEY')
  const url = environment.text('JWT_JWKS_URL')

  const given = KEYS.filter((name) => environment.text(name) !== null)
  if (given.length > 1) {
    environment.problems.push(
      `${given.join(' and ')} are set together. Keep the one that signs your users' tokens.`,
    )
  }
  if (secret !== null) return readSecret(environment, secret)
  if (publicKey !== null) return readPublicKey(environment, publicKey)
  if (url !== null) return readJwksUrl(environment, url)
  return readDevelopmentKey(environment, dataDir)
}

const KEYS = ['JWT_SECRET', 'JWT_PUBLIC_KEY', 'JWT_JWKS_URL']

function readSecret(environment: Environment, secret: string): Key {
  const weakness = weaknessOf(secret, environment.production)
  if (weakness !== null) environment.refuse('JWT_SECRET', weakness)
  return { kind: 'secret', secret }
}

/** Checks the length always, and the look of the secret only in production, where strangers can try to guess it. */
function weaknessOf(secret: string, production: boolean): string | null {
  if (secret.includes('-----BEGIN ') || /"kty"\s*:/.test(secret)) {
    return 'holds a key of a key pair, not a secret. Put the public key into JWT_PUBLIC_KEY.'
  }
  if (Buffer.byteLength(secret) < 32) return `is shorter than 32 bytes. ${MAKE_ONE}`
  if (!production) return null
  if (PLACEHOLDER.test(secret)) return `is a placeholder that others know. ${MAKE_ONE}`
  if (repeats(secret) || new Set(secret).size < 8) return `is too regular to be a secret. ${MAKE_ONE}`
  return null
}

const PLACEHOLDER =
  /change.?(me|this|it)|replace.?(me|this|with)|place.?holder|example|(your|super).{0,8}secret/i

/** True for a text that repeats a short pattern, as in `abcabcab`. */
function repeats(text: string): boolean {
  return Array.from({ length: 15 }, (_, index) => index + 1).some((period) =>
    text.startsWith(text.slice(period)),
  )
}

function readPublicKey(environment: Environment, text: string): Key {
  try {
    const key = publicKeyFromPem(text)
    const publicKey = key.export({ type: 'spki', format: 'pem' }).toString()
    return { kind: 'public-key', publicKey, algorithm: algorithmOf(key) }
  } catch (error) {
    if (!(error instanceof UnfitKeyError)) throw error
    environment.refuse('JWT_PUBLIC_KEY', error.message)
    return { kind: 'public-key', publicKey: '', algorithm: 'RS256' }
  }
}

/** Requires TLS in production: anyone who can change the answer of this URL can sign in as any user. */
function readJwksUrl(environment: Environment, text: string): Key {
  const url = environment.url('JWT_JWKS_URL', ['https:', 'http:'])
  if (url?.protocol === 'http:' && environment.production && !isLoopback(url)) {
    environment.refuse('JWT_JWKS_URL', 'must begin with https:// when NODE_ENV=production.')
  }
  if (url?.username || url?.password) {
    environment.refuse('JWT_JWKS_URL', 'must not hold a user name or password: public keys need none.')
  }
  return { kind: 'jwks', url: url?.href ?? text }
}

function readDevelopmentKey(environment: Environment, dataDir: string): Key {
  if (environment.production) {
    environment.problems.push(
      'JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL must be set when NODE_ENV=production: without one nobody can sign in.',
    )
    return { kind: 'secret', secret: '' }
  }
  return { kind: 'secret', secret: readDevelopmentSecret(environment, dataDir, 'jwt-secret') }
}
