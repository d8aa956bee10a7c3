import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { claims, token } from './keys.ts'
import { cloneDatabase } from './postgres.ts'

const SECRET = randomBytes(32).toString('hex')
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

const { NODE_COMPILE_CACHE, NODE_OPTIONS } = process.env

/** Lets a Node with an environment of its own begin as fast as the tests do. */
export const QUICK = { NODE_COMPILE_CACHE, NODE_OPTIONS }

/** `node src/main.ts`, as an operator starts it. */
export interface Process {
  readonly pid: number
  /** Address where it listens. Rejects if the process ends first. */
  readonly url: Promise<string>
  /** The exit code, or the signal that killed it, and all its output. */
  readonly ended: Promise<{ exit: number | NodeJS.Signals | null; stdout: string; stderr: string }>
  /** Resolves as soon as it has written these words, to standard output or standard error. */
  says(words: RegExp): Promise<RegExpExecArray>
  kill(signal: NodeJS.Signals): void
}

/** Starts it with this environment alone, on a free port, until the test ends; by a command, if one is given. */
export function startProcess(
  t: Pick<Test, 'teardown'>,
  env: Record<string, string>,
  [command = '', ...args]: readonly string[] = [process.execPath, MAIN],
): Process {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...QUICK, PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const ended = new Promise<Awaited<Process['ended']>>((resolve) =>
    child.once('close', (code, signal) => resolve({ exit: code ?? signal, stdout, stderr })),
  )
  const says = (words: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = words.exec(stdout) ?? words.exec(stderr)
        if (found) resolve(found)
      }
      look()
      child.stdout.on('data', look)
      child.stderr.on('data', look)
      child.once('close', () => reject(new Error(`It ended and never said ${words}: ${stdout}${stderr}`)))
    })
  const url = says(/Server listening at (http:[^"]+)/).then(([, address = '']) => address)
  // Some tests want it to end, and never await this.
  url.catch(() => {})

  t.teardown(async () => {
    child.kill('SIGTERM')
    const impatience = setTimeout(() => child.kill('SIGKILL'), 60_000)
    await ended
    clearTimeout(impatience)
  })
  return { pid: child.pid ?? 0, url, ended, says, kill: (signal) => void child.kill(signal) }
}

/** Settings for a database of its own. */
export async function onDatabase(t: Test) {
  return { DATABASE_URL: await cloneDatabase(t), JWT_SECRET: SECRET }
}

/** Repeats a test's first call while a busy machine answers 503. */
export async function insist(url: string, init: RequestInit): Promise<Response> {
  for (const end = Date.now() + 120_000; ; await pause(200)) {
    const response = await fetch(url, init)
    if (response.status !== 503 || Date.now() > end) return response
  }
}

/** Makes an organisation of Alice's, and calls for her. */
export async function alicesOrg(url: string) {
  const alice = token(
    SECRET,
    { alg: 'HS256' },
    claims({ sub: 'alice', email: 'alice@example.com', email_verified: true }),
  )
  const call = async (method: string, path: string, body: object) => {
    const headers = { ...bearer(alice), 'content-type': 'application/json' }
    const response = await insist(url + path, { method, headers, body: JSON.stringify(body) })
    const answer = (await response.json()) as { id: string }
    return { status: response.status, body: answer }
  }
  const { body } = await call('POST', '/orgs', { name: "Alice's" })
  return { org: `/orgs/${body.id}`, token: alice, call }
}

export function bearer(token: string) {
  return { authorization: `Bearer ${token}` }
}
