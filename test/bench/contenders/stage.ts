import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from '../figures/numbers.ts'
import { memoryOf } from '../figures/process-figures.ts'
import { Load } from '../load/load.ts'
import type { Size } from '../world.ts'
import type { Contender } from './contender.ts'
import { type DurablePostgres, startDurablePostgres } from './durable-postgres.ts'
import { floorContender, furnishFloor, startFloor } from './floor-contender.ts'
import { furnishMuster, type MusterStart, musterContender, startMuster } from './muster.ts'
import { furnishPeer, peerContender, startPeer } from './peer/peer.ts'
import type { Server } from './server.ts'

export const ROOT = join(import.meta.dirname, '../../..')

export interface Stage {
  readonly postgres: DurablePostgres
  readonly load: Load
  /** Secret that signs all tokens. */
  readonly secret: string
  /** Folder for logs and mail, removed at the end. */
  readonly folder: string
}

/** The server that is measured, and figures of its start. */
export interface Started {
  readonly contender: Contender
  readonly databaseUrl: string
  /** Milliseconds until it was ready, the median of several starts. */
  readonly readyAfter: number
  /** Mebibytes of memory, some seconds after the start. */
  readonly idle: number
}

/** Runs the bench with a PostgreSQL and a generator. Leaves nothing running, even after an interruption. */
export async function onStage(
  perform: (stage: Stage, open: AsyncDisposableStack) => Promise<void>,
): Promise<void> {
  const interruption = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => reject(new Error(`interrupted by ${signal}`)))
  })
  interruption.catch(() => {})
  await using open = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'muster-bench-'))
  open.defer(() => rm(folder, { recursive: true, force: true }))
  const postgres = await startDurablePostgres()
  open.defer(() => postgres.stop())
  const load = new Load()
  open.defer(() => load.end())
  const secret = randomBytes(32).toString('hex')
  const performance = perform({ postgres, load, folder, secret }, open)
  // Errors that an interruption causes need no report.
  performance.catch(() => {})
  await Promise.race([performance, interruption])
}

export type MusterOf = Pick<MusterStart, 'checkout' | 'command' | 'env'> & { readonly name: string }

export async function stageMuster(
  open: AsyncDisposableStack,
  { postgres, secret, folder }: Stage,
  { name, ...rest }: MusterOf,
  size: Size,
  starts: number,
): Promise<Started> {
  const databaseUrl = await postgres.create(`bench_${name}`)
  const start: MusterStart = { name, databaseUrl, secret, folder: join(folder, name), ...rest }
  await furnishMuster(start, size)
  const { server, ...figures } = await startSome(open, starts, () => startMuster(start))
  return { contender: musterContender(start, server, size), databaseUrl, ...figures }
}

export async function stageFloor(
  open: AsyncDisposableStack,
  { postgres, secret, folder }: Stage,
  size: Size,
  starts: number,
): Promise<Started> {
  const databaseUrl = await postgres.create('bench_floor')
  await furnishFloor(databaseUrl, size)
  const { server, ...figures } = await startSome(open, starts, () =>
    startFloor(databaseUrl, secret, join(folder, 'floor')),
  )
  return { contender: floorContender(databaseUrl, secret, server, size), databaseUrl, ...figures }
}

export async function stagePeer(
  open: AsyncDisposableStack,
  { postgres, secret, folder }: Stage,
  size: Size,
  starts: number,
): Promise<Started> {
  const databaseUrl = await postgres.create('bench_peer')
  const place = join(folder, 'peer')
  const version = await furnishPeer(place, databaseUrl, size)
  const { server, ...figures } = await startSome(open, starts, () => startPeer(place, databaseUrl, secret))
  return { contender: peerContender(version, databaseUrl, secret, server, size), databaseUrl, ...figures }
}

/** Starts it several times, and keeps the last one. */
async function startSome(open: AsyncDisposableStack, starts: number, start: () => Promise<Server>) {
  const times: number[] = []
  for (let n = 1; n < starts; n++) {
    const server = await start()
    times.push(server.readyAfter)
    await server.stop()
  }
  const server = await start()
  open.defer(() => server.stop())
  times.push(server.readyAfter)
  await sleep(3_000)
  return { server, readyAfter: median(times), idle: memoryOf(server.pid).now }
}
