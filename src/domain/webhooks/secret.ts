import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  type KeyObject,
  randomBytes,
} from 'node:crypto'

// Standard Webhooks 1.0.0, "Symmetric signatures": 24 to 64 random bytes, in base64 behind a prefix.
const PREFIX = 'whsec_'

/** Makes a new secret, in the form in which its receiver is told it once. */
export function newSecret(): string {
  return PREFIX + randomBytes(32).toString('base64')
}

/**
 * Signs the id, the time in seconds and the exact bytes of the body with each secret, for a receiver to check.
 *
 * @returns the value of the header `webhook-signature`
 */
export function signatureOf(
  secrets: readonly string[],
  { id, timestamp, body }: { id: string; timestamp: number; body: string },
): string {
  const signed = `${id}.${timestamp}.${body}`
  return secrets
    .map((secret) => Buffer.from(secret.slice(PREFIX.length), 'base64'))
    .map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
    .join(' ')
}

/** Keys of 32 bytes. The first one seals and each of them opens, so that keys can be rotated. */
export type SealingKeys = readonly [KeyObject, ...KeyObject[]]

// AES-256-GCM (NIST SP 800-38D) gives: the name of the key (8 bytes), a random nonce (12), the tag (16), then the
// secret. The id of the webhook is authenticated, so that the secret of one webhook cannot be given to another.

export function sealSecret([key]: SealingKeys, webhookId: string, secret: string): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(webhookId))
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  return Buffer.concat([nameOf(key), nonce, cipher.getAuthTag(), sealed])
}

/** @throws when none of the keys has sealed it for this webhook. */
export function openSecret(keys: SealingKeys, webhookId: string, sealed: Buffer): string {
  const key = keyFor(keys, sealed)
  if (!key) throw new Error('a secret of a webhook was sealed with a key that is not in SECRETS_KEY')
  const cipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(8, 20))
    .setAAD(Buffer.from(webhookId))
    .setAuthTag(sealed.subarray(20, 36))
  return Buffer.concat([cipher.update(sealed.subarray(36)), cipher.final()]).toString('utf8')
}

export function hasKeyFor(keys: SealingKeys, sealed: Buffer): boolean {
  return keyFor(keys, sealed) !== undefined
}

function keyFor(keys: SealingKeys, sealed: Buffer): KeyObject | undefined {
  return keys.find((key) => nameOf(key).equals(sealed.subarray(0, 8)))
}

function nameOf(key: KeyObject): Buffer {
  return createHash('sha256').update(key.export()).digest().subarray(0, 8)
}
