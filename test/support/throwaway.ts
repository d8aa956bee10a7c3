import { mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { layout } from '../../src/db/embedded/layout.ts'
import { endLeftover } from '../../src/db/embedded/leftover.ts'
import { takeLock } from '../../src/db/embedded/lock.ts'
import { type Care, type Embedded, startIn } from '../../src/db/embedded.ts'

const PREFIX = 'muster-throwaway-'

const FORGETFUL: Care = {
  initdb: ['--no-sync'],
  settings: [
    ...['max_connections=300', 'fsync=off', 'synchronous_commit=off', 'full_page_writes=off'],
    'max_wal_size=256MB',
  ],
}

/**
 * Starts a real PostgreSQL for one run; its stop leaves nothing behind. By default a crash loses its data, and it lies
 * in memory where there is room. With settings of its own it lies on a disk.
 */
export async function startThrowaway(log: (message: string) => void, care = FORGETFUL): Promise<Embedded> {
  await clearAbandoned(log)
  const folder = mkdtempSync(join(care === FORGETFUL && hasRoom(MEMORY) ? MEMORY : tmpdir(), PREFIX))
  try {
    const { url, stop } = await startIn(folder, care, log)
    return { url, stop: () => stop().finally(() => remove(folder)) }
  } catch (error) {
    remove(folder)
    throw error
  }
}

// Linux keeps this folder in memory. A database has some hundred files, and takes a fifth of the time there.
const MEMORY = '/dev/shm'
const GIBIBYTE = 2 ** 30

/** Says whether there is room: in a container it is often small, and takes memory from the tests. */
function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize > 2 * GIBIBYTE && process.availableMemory() > 4 * GIBIBYTE
  } catch {
    return false
  }
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

/** Clears the server and folder of runs that were killed. What cannot be cleared stays. */
async function clearAbandoned(log: (message: string) => void): Promise<void> {
  for (const folder of [MEMORY, tmpdir()].flatMap(throwawaysIn)) {
    try {
      if (!isAbandoned(folder)) continue
      const files = layout(folder)
      const unlock = await takeLock(files)
      await endLeftover(files, log).finally(unlock)
      remove(folder)
    } catch {}
  }
}

function throwawaysIn(place: string): string[] {
  try {
    return readdirSync(place)
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => join(place, name))
  } catch {
    return []
  }
}

/** Says whether the folder is ours and not just being made: such a folder is locked within the second. */
function isAbandoned(folder: string): boolean {
  const { uid, mtimeMs } = statSync(folder)
  return uid === process.getuid?.() && Date.now() - mtimeMs > 60_000
}
