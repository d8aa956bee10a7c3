import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openMailbox } from './mailbox.ts'

export interface Stage {
  readonly url: string
  /** A token for the development secret, as `npm run token` prints it. */
  tokenFor(email: string, name: string): Promise<string>
  /** The text of the next mail that arrives for the address. */
  mailFor(address: string): Promise<string>
  strike(): Promise<void>
}

const LONGEST_START = 60_000

/** A real Muster, with a database and a mail server of its own, in a folder that is gone afterwards. */
export async function setStage(): Promise<Stage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'muster-demo-'))
  const mailbox = await openMailbox()
  const url = `http://127.0.0.1:${await freePort()}`
  const env = {
    PATH: process.env.PATH,
    MUSTER_DATA_DIR: dataDir,
    PORT: new URL(url).port,
    LOG_LEVEL: 'warn',
    SMTP_URL: mailbox.url,
    APP_URL: 'https://app.example.com/join',
  }
  const muster = spawn(process.execPath, [file('../../main.ts')], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const strike = async () => {
    await end(muster)
    await mailbox.close()
    await rm(dataDir, { recursive: true, force: true })
  }
  await untilReady(url, muster).catch(async (error) => {
    await strike()
    throw error
  })
  return {
    url,
    mailFor: mailbox.next,
    tokenFor: async (email, name) => {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [file('../token.ts'), email, '--name', name],
        { env },
      )
      return stdout.trim()
    },
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

function file(path: string): string {
  return new URL(path, import.meta.url).pathname
}
