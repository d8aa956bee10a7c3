import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { Client } from 'pg'
import type { Test } from 'tap'
import { type Embedded, startEmbedded } from '../../src/db/embedded.ts'
import { migrate } from '../../src/db/migrate.ts'

/** A durable PostgreSQL behind an address that stays, to be killed in every way. */
export interface FragilePostgres {
  readonly url: string
  /** Kills one backend. PostgreSQL itself then ends all connections, recovers, and goes on. */
  killBackend(): Promise<void>
  /** Ends it at once: SIGQUIT is an immediate shutdown, SIGKILL not even that. No server listens until the start. */
  kill(signal: 'SIGQUIT' | 'SIGKILL'): Promise<void>
  start(): Promise<void>
}

export async function startFragilePostgres(t: Test): Promise<FragilePostgres> {
  const folder = t.testdir()
  let server: Embedded = await startEmbedded(folder, () => {})
  t.teardown(() => server.stop())
  await migrate(server.url)
  const relay = await startRelay(t, () => Number(new URL(server.url).port))
  const url = new URL(server.url)
  url.port = String(relay)
  return {
    url: url.href,
    killBackend: async () => process.kill(await busiestBackend(server.url), 'SIGKILL') && undefined,
    kill: async (signal) => {
      process.kill(postmasterIn(folder), signal)
      await server.stop()
    },
    start: async () => {
      server = await startEmbedded(folder, () => {})
    },
  }
}

/** Keeps one port, whichever the server has at the moment. */
async function startRelay(t: Test, currentPort: () => number): Promise<number> {
  const sockets = new Set<Socket>()
  const listener = createServer((outer) => {
    const inner = connect(currentPort(), '127.0.0.1')
    for (const [socket, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        other.destroy()
        sockets.delete(socket)
      })
    }
    outer.pipe(inner).pipe(outer)
  })
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    listener.close()
    for (const socket of sockets) socket.destroy()
  })
  return (listener.address() as AddressInfo).port
}

/** Finds a backend that Muster uses, in a transaction if there is any. */
async function busiestBackend(url: string): Promise<number> {
  const client = new Client({ connectionString: url })
  // This connection dies too.
  client.on('error', () => {})
  await client.connect()
  const { rows } = await client.query<{ pid: number }>(
    `select pid from pg_stat_activity where application_name = 'muster' order by xact_start nulls last limit 1`,
  )
  await client.end()
  const [backend] = rows
  if (!backend) throw new Error('Muster has no connection')
  return backend.pid
}

function postmasterIn(folder: string): number {
  return Number.parseInt(readFileSync(join(folder, 'postgres', 'data', 'postmaster.pid'), 'utf8'), 10)
}
