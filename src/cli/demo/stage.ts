import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from '../../db/embedded/server.ts'
import { type Endpoint, openEndpoint } from './endpoint.ts'
import { openMailbox } from './mailbox.ts'

export interface Stage {
  readonly url: string
  /** A token for the development secret, as `npm run token` prints it. */
  tokenFor(email: string, name: string): Promise<string>
  /** A token for a service, with its scopes. */
  serviceToken(name: string, scopes: string): Promise<string>
  /** The text of the next mail that arrives for the address. */
  mailFor(address: string): Promise<string>
  /** The endpoint of the product's backend. */
  readonly endpoint: Endpoint
  strike(): Promise<void>
}

const LONGEST_START = 60_000

/** Starts a real Muster with its own database, mail server and backend, in a folder that is removed afterwards. */
export async function setStage(): Promise<Stage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'muster-demo-'))
  const mailbox = await openMailbox()
  const endpoint = await openEndpoint()
  const url = `http://127.0.0.1:${await freePort()}`
  const env = {
    PATH: process.env.PATH,
    MUSTER_DATA_DIR: dataDir,
    PORT: new URL(url).port,
    LOG_LEVEL: 'warn',
    SMTP_URL: mailbox.url,
    APP_URL: 'https://app.example.com/join',
    WEBHOOK_ALLOW_PRIVATE: 'true',
  }
  const muster = spawn(process.execPath, [file('../../main.ts')], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const strike = async () => {
    await end(muster)
    await mailbox.close()
    endpoint.close()
    await rm(dataDir, { recursive: true, force: true })
  }
  await untilReady(url, muster).catch(async (error) => {
    await strike()
    throw error
  })
  const token = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)(process.execPath, [file('../token.ts'), ...args], { env })
    return stdout.trim()
  }
  return {
    url,
    endpoint,
    mailFor: mailbox.next,
    tokenFor: (email, name) => token(email, '--name', name),
    serviceToken: (name, scopes) => token(name, '--service', scopes),
    strike,
  }
}

async function untilReady(url: string, muster: ChildProcess): Promise<void> {
  const deadline = Date.now() + LONGEST_START
  while (Date.now() < deadline) {
    if (muster.exitCode !== null) throw new Error('Muster did not start; the reason stands above.')
    const ready = await fetch(`${url}/readyz`).catch(() => undefined)
    if (ready?.ok) return
    await pause(100)
  }
  throw new Error('Muster did not become ready within a minute.')
}

async function end(muster: ChildProcess): Promise<void> {
  if (muster.exitCode !== null) return
  const ended = once(muster, 'exit')
  muster.kill('SIGTERM')
  await ended
}

function file(path: string): string {
  return new URL(path, import.meta.url).pathname
}
