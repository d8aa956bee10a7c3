import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { QUICK } from '../support/process.ts'

export const IMPORT = join(import.meta.dirname, '../../src/cli/import.ts')
export const EXPORT = join(import.meta.dirname, '../../src/cli/export.ts')

export const LINES = [
  {
    type: 'org',
    externalId: 'acme',
    name: 'Acme',
    adminUserId: 'alice',
    slug: 'acme',
    metadata: { plan: 'team' },
  },
  {
    type: 'member',
    org: 'acme',
    userId: 'alice',
    role: 'admin',
    email: 'Alice@Example.com',
    emailVerified: true,
  },
  { type: 'member', org: 'acme', userId: 'bob', role: 'member', name: 'Bob' },
  { type: 'resource', org: 'acme', externalId: 'ws', resourceType: 'workspace', name: 'Design' },
  { type: 'resource', org: 'acme', externalId: 'd', parent: 'ws', resourceType: 'domain', name: 'acme.com' },
  { type: 'grant', org: 'acme', resource: 'ws', userId: 'bob', role: 'admin' },
  { type: 'grant', org: 'acme', resource: 'd', userId: 'carol', role: 'accounting' },
]

export const member = (n: number) => ({ type: 'member', org: 'acme', userId: `u${n}`, role: 'member' })

/** From standard input. */
export async function runImport(t: Test, url: string, lines: readonly unknown[], name = 'rejected') {
  await mkdir(t.testdirName, { recursive: true })
  t.teardown(() => rm(t.testdirName, { recursive: true, force: true }))
  const rejected = join(t.testdirName, name)
  const child = spawn(process.execPath, [IMPORT, '-', '--rejected', rejected], {
    env: { ...QUICK, DATABASE_URL: url },
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text
  })
  child.stdin.end(lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  const [code] = await once(child, 'close')
  const text = await readFile(rejected, 'utf8')
  const told: { line: number; reason: string }[] = text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
  return { code, err, rejected: told }
}

export function exported(url: string): Promise<string> {
  return new Promise((resolve, reject) =>
    execFile(process.execPath, [EXPORT], { env: { ...QUICK, DATABASE_URL: url } }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    ),
  )
}
