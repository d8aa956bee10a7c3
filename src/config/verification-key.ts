import { createPublicKey, type KeyObject } from 'node:crypto'

/** Signature algorithms that Muster accepts from identity providers (RFC 7518, RFC 8037). */
export const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const

export type Algorithm = (typeof ALGORITHMS)[number]

export function isAlgorithm(text: string): text is Algorithm {
  return ALGORITHMS.some((algorithm) => algorithm === text)
}

/** Thrown for a key that Muster cannot verify tokens with. The message says why, as a predicate. */
export class UnfitKeyError extends Error {}

/** Reads one PEM block of SubjectPublicKeyInfo (RFC 7468). Line ends may be written as `\n`. @throws UnfitKeyError */
export function publicKeyFromPem(text: string): KeyObject {
  const pem = text.replaceAll('\\r', '').replaceAll('\\n', '\n').trim()
  if (pem.includes('PRIVATE KEY-----')) {
    throw new UnfitKeyError(
      'holds a private key. Give Muster only the public one, and replace this pair: it was copied.',
    )
  }
  if (!SPKI.test(pem)) {
    throw new UnfitKeyError(
      'must be one PEM public key, from "-----BEGIN PUBLIC KEY-----" to "-----END PUBLIC KEY-----".',
    )
  }
  try {
    return createPublicKey(pem)
  } catch {
    throw new UnfitKeyError('looks like a PEM public key but cannot be read. Copy it again, whole.')
  }
}

/** Returns the one algorithm that a token must name to be verified with this key. @throws UnfitKeyError */
export function algorithmOf(key: KeyObject): Algorithm {
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'rsa':
      if (modulusLength >= 2048) return 'RS256'
      throw new UnfitKeyError(`is an RSA key of ${modulusLength} bits. RS256 needs at least 2048.`)
    case 'ec':
      if (namedCurve === 'prime256v1') return 'ES256'
      throw new UnfitKeyError(`is a key on the curve ${namedCurve}. ES256 needs P-256.`)
    case 'ed25519':
      return 'EdDSA'
    default:
      throw new UnfitKeyError(
        `is a key of type ${key.asymmetricKeyType}. Muster verifies with RSA (RS256), EC P-256 (ES256) and Ed25519 (EdDSA).`,
      )
  }
}

const SPKI = /^-----BEGIN PUBLIC KEY-----\s[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----$/
