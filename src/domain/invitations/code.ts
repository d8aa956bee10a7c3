import { createHash, randomBytes } from 'node:crypto'

// Crockford's base32: no I, L, O or U.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const CODE = /^[0-9A-HJKMNP-TV-Z]{24}$/

/**
 * Makes the secret of an invitation: 120 random bits as 24 characters, in six groups (`7K3M-Q2ZV-8RTN-4XWD-H5PA-9CJE`).
 * Also returns its hash, the only form that is stored.
 */
export function newCode(): { code: string; hash: Buffer } {
  // 32 divides the 256 values of a byte, so each character is equally likely.
  const characters = Array.from(randomBytes(24), (byte) => ALPHABET.charAt(byte % 32)).join('')
  return { code: (characters.match(/.{4}/g) ?? []).join('-'), hash: sha256(characters) }
}

/** Returns the SHA-256 of a code as a person may have typed it, or null when it cannot be one. */
export function hashCode(typed: string): Buffer | null {
  const code = typed.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replaceAll('O', '0')
  return CODE.test(code) ? sha256(code) : null
}

function sha256(characters: string): Buffer {
  return createHash('sha256').update(characters).digest()
}

/** Builds the link for the invited. The code is in the fragment, which a browser sends to no server. */
export function acceptUrl(appUrl: string, code: string): string {
  return `${appUrl}#code=${code}`
}

/** The secret, when it goes to the inviter in an answer; nothing when it goes by mail. */
export interface Secret {
  readonly code?: string
  readonly acceptUrl?: string
}
