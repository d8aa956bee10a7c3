import { mkdirSync, realpathSync } from 'node:fs'
import { findBinaries } from './embedded/binaries.ts'
import { createCluster } from './embedded/cluster.ts'
import { layout } from './embedded/layout.ts'
import { endLeftover } from './embedded/leftover.ts'
import { takeLock } from './embedded/lock.ts'
import { startServer } from './embedded/server.ts'
import { chooseWay } from './embedded/way.ts'

export interface Embedded {
  /** For the superuser, to the database `muster`, on the loopback interface; another port after each start. */
  url: string
  /** Ends every connection, waits until all is on disk, and leaves the folder to the next Muster. */
  stop(): Promise<void>
}

type Log = (message: string) => void

/** How `initdb` and the server are told to care for the data. */
export interface Care {
  initdb: string[]
  settings: string[]
}

const DURABLE: Care = {
  initdb: [],
  settings: ['max_connections=200', 'fsync=on', 'synchronous_commit=on', 'full_page_writes=on'],
}
/**
 * A real PostgreSQL of Muster's own, kept in `dataDir`, for a start without `DATABASE_URL`.
 * Throws when another Muster runs there, and where the machine lets no server run.
 */
export async function startEmbedded(dataDir: string, log: Log): Promise<Embedded> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  return startIn(dataDir, DURABLE, log)
}

/** Starts the server of a folder that is there, making its cluster where there is none. */
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
