import { createSecretKey, type KeyObject } from 'node:crypto'
import type { SealingKeys } from '../domain/webhooks/secret.ts'
import { MAKE_ONE, readDevelopmentSecret } from './development-secret.ts'
import type { Environment } from './environment.ts'

/** Reads the keys that encrypt webhook secrets at rest. To rotate, put a new key before the old one. */
export function readSealingKeys(environment: Environment, dataDir: string): SealingKeys {
  const [first, ...others] = environment.list('SECRETS_KEY')
  if (first === undefined) return [keyOf(readDevelopmentKey(environment, dataDir))]
  const keys = [first, ...others]
  if (!keys.every((text) => /^[0-9a-f]{64}$/i.test(text)))
    environment.refuse(
      'SECRETS_KEY',
      `must be 64 hexadecimal digits, or several of these with commas between: the first encrypts. ${MAKE_ONE}`,
    )
  else if (keys.some((text) => new Set(text.toLowerCase()).size < 8))
    environment.refuse('SECRETS_KEY', `is too regular to be a key. ${MAKE_ONE}`)
  return [keyOf(first), ...others.map(keyOf)]
}

function readDevelopmentKey(environment: Environment, dataDir: string): string {
  if (environment.production) {
    environment.refuse(
      'SECRETS_KEY',
      `must be set when NODE_ENV=production: the secrets of webhooks are encrypted with it. ${MAKE_ONE}`,
    )
    return ''
  }
  return readDevelopmentSecret(environment, dataDir, 'secrets-key')
}

function keyOf(hex: string): KeyObject {
  return createSecretKey(hex, 'hex')
}
