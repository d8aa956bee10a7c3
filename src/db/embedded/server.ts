import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { urlOf } from './cluster.ts'
import type { Files } from './layout.ts'
import { endLeftover } from './leftover.ts'
import { type Program, run } from './program.ts'
import type { Way } from './root.ts'

const DATABASE = 'muster'

/** Failures that pass: the port was taken meanwhile, or the server of a killed Muster was just starting or ending. */
const PASSING = /Address already in use|"postmaster.pid" already exists|pre-existing shared memory block/

type Log = (message: string) => void

/** Starts the server and waits until it answers, including its recovery after a crash. */
export async function startServer(files: Files, postgres: string, settings: string[], way: Way, log: Log) {
  for (let tries = 1; ; tries++) {
    const port = await freePort()
    const server = await run(files, way, postgres, commandOf(files, port, settings))
    try {
      await untilReady(server, urlOf(files, port, 'postgres'))
      log(`PostgreSQL runs on 127.0.0.1:${port} (pid ${server.pid})`)
      return { url: urlOf(files, port, DATABASE), stop: watch(server, log) }
    } catch (error) {
      await shutDown(server)
      if (tries === 5 || !PASSING.test(server.lastWords())) throw error
      await sleep(200 * tries)
      await endLeftover(files, log)
    }
  }
}

/** Finds a port that was free a moment ago, for a program that must be told its port before it listens. */
export async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  listener.close()
  await once(listener, 'close')
  return port
}

function commandOf(files: Files, port: number, settings: string[]): string[] {
  const all = [
    ...[`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories='],
    ...['timezone=UTC', 'log_timezone=UTC', ...settings],
  ]
  return ['-D', files.data, ...all.flatMap((setting) => ['-c', setting])]
}

/**
 * Waits for a server that is starting. Any other refusal may come from another program on the port: waits less for it.
 */
async function untilReady(server: Program, url: string): Promise<void> {
  const begun = Date.now()
  for (;;) {
    try {
      return await ensureDatabase(url)
    } catch (error) {
      await Promise.race([server.ended, sleep(50)])
      if (server.hasEnded()) throw new Error(`PostgreSQL did not start:\n${server.lastWords()}`)
      const patience = isStarting(error) ? 120_000 : 5_000
      if (Date.now() - begun > patience)
        throw new Error(`PostgreSQL does not answer:\n${server.lastWords()}`, { cause: error })
    }
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE])
    if (!rowCount) await client.query(`create database ${DATABASE}`)
  } finally {
    await client.end()
  }
}

function isStarting(error: unknown): boolean {
  const CANNOT_CONNECT_NOW = '57P03'
  const code = error instanceof Error && 'code' in error && error.code
  return code === 'ECONNREFUSED' || code === CANNOT_CONNECT_NOW
}

/** Logs when the server ends by itself, and ends it when Muster exits without a stop. Returns the stop. */
function watch(server: Program, log: Log): () => Promise<void> {
  let stopping = false
  const abandon = () => server.signal('SIGINT')
  process.once('exit', abandon)
  server.ended.then(() => {
    process.off('exit', abandon)
    if (!stopping) log(`PostgreSQL ended by itself:\n${server.lastWords()}`)
  })
  return () => {
    stopping = true
    return shutDown(server)
  }
}

/**
 * Sends a fast shutdown, then an immediate one if that takes too long. The next start then recovers what was committed.
 */
async function shutDown(server: Program): Promise<void> {
  const impatience = setTimeout(() => server.signal('SIGQUIT'), 30_000)
  server.signal('SIGINT')
  await server.ended
  clearTimeout(impatience)
}
