import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from './environment.ts'

/** Tells an operator how to make a secret. */
export const MAKE_ONE = 'Make one with: openssl rand -hex 32'

type Name = 'jwt-secret' | 'secrets-key'

/**
 * Returns 64 hexadecimal digits, the same at every start. If they cannot be stored, notes a problem and returns an
 * empty string.
 */
export function readDevelopmentSecret(environment: Environment, dataDir: string, name: Name): string {
  try {
    return developmentSecret(dataDir, name)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    environment.refuse('MUSTER_DATA_DIR', `cannot keep the development secret: ${reason}.`)
    return ''
  }
}

/**
 * Reads the secret that is used when none is configured. The first start makes it, in the data directory, readable by
 * this user alone. The file appears whole or not at all, so two first starts at once agree on one secret.
 */
function developmentSecret(dataDir: string, name: Name): string {
  const path = join(dataDir, name)
  const secret = readIfThere(path) ?? create(dataDir, path)
  if (!/^[0-9a-f]{64}$/.test(secret)) throw new Error(`${path} is damaged; delete it to have a new one made`)
  return secret
}

function create(dataDir: string, path: string): string {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  mkdirSync(dataDir, { recursive: true })
  writeFileSync(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    linkSync(draft, path)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  } finally {
    rmSync(draft)
  }
  return readFileSync(path, 'utf8').trim()
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
