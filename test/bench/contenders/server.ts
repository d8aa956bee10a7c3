import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../../src/db/embedded/server.ts'

export interface Start {
  /** Command line, as in a shell. */
  readonly command: string
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  /** File for its output. */
  readonly log: string
  /** Path that answers 200 as soon as it is ready. */
  readonly ready: string
}

/** A server in a process of its own, which inherits only the path from this environment. */
export interface Server {
  readonly port: number
  readonly pid: number
  /** Milliseconds from the start of the process to the first right answer. */
  readonly readyAfter: number
  stop(): Promise<void>
}

const PATIENCE = 60_000

export async function startServer({ command, folder, env, log, ready }: Start): Promise<Server> {
  const port = await freePort()
  const output = openSync(log, 'a')
  const begun = performance.now()
  const child = spawn('sh', ['-c', /\bexec /.test(command) ? command : `exec ${command}`], {
    cwd: folder,
    env: {
      PATH: [join(folder, 'node_modules/.bin'), process.env.PATH].join(delimiter),
      PORT: String(port),
      ...env,
    },
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  const stop = async () => {
    if (hasEnded()) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const impatience = setTimeout(() => child.kill('SIGKILL'), 20_000)
    await ended
    clearTimeout(impatience)
  }
  while (!(await answers(port, ready))) {
    if (hasEnded() || performance.now() - begun > PATIENCE) {
      await stop()
      throw new Error(`\`${command}\` did not start:\n${readFileSync(log, 'utf8').slice(-2_000)}`)
    }
    await sleep(5)
  }
  return { port, pid: child.pid ?? 0, readyAfter: performance.now() - begun, stop }
}

function answers(port: number, path: string): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}${path}`).then(
    async (response) => {
      await response.arrayBuffer()
      return response.ok
    },
    () => false,
  )
}
