import { mkdirSync, realpathSync } from 'node:fs'
import { findBinaries } from './embedded/binaries.ts'
import { createCluster } from './embedded/cluster.ts'
import { layout } from './embedded/layout.ts'
import { endLeftover } from './embedded/leftover.ts'
import { takeLock } from './embedded/lock.ts'
import { startServer } from './embedded/server.ts'
import { chooseWay } from './embedded/way.ts'

export interface Embedded {
  /**
   * Connects as the superuser to the database `muster`, on the loopback interface. The port changes with each start.
   */
  url: string
  /** Ends every connection, waits until all is on disk, and releases the folder for the next Muster. */
  stop(): Promise<void>
}

type Log = (message: string) => void

/** Options that tell `initdb` and the server how safely to store the data. */
export interface Care {
  initdb: string[]
  settings: string[]
}

const DURABLE: Care = {
  initdb: [],
  settings: ['max_connections=200', 'fsync=on', 'synchronous_commit=on', 'full_page_writes=on'],
}
/**
 * Starts a PostgreSQL of Muster's own, with its data in `dataDir`, when `DATABASE_URL` is not set.
 * Throws when another Muster runs there, or when the machine lets no server run.
 */
export async function startEmbedded(dataDir: string, log: Log): Promise<Embedded> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  return startIn(dataDir, DURABLE, log)
}

/** Starts the server of an existing folder. Makes its cluster when there is none. */
export async function startIn(folder: string, care: Care, log: Log): Promise<Embedded> {
  const files = layout(realpathSync(folder))
  const { initdb, postgres } = await findBinaries()
  const unlock = await takeLock(files)
  try {
    await endLeftover(files, log)
    const way = chooseWay(files, postgres)
    await createCluster(files, initdb, care.initdb, way, log)
    const server = await startServer(files, postgres, care.settings, way, log)
    let stopped: Promise<void> | undefined
    const stop = () => {
      stopped ??= server.stop().finally(unlock)
      return stopped
    }
    return { url: server.url, stop }
  } catch (error) {
    unlock()
    throw error
  }
}
