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
 * A real PostgreSQL for one run: nothing is left of it after its stop. As tests want it, it forgets all in a crash, and
 * lies in memory where there is room. One with settings of its own lies on a disk.
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

// Linux has a file system in memory there. A database is made of some hundred files: this takes a fifth of the time there.
const MEMORY = '/dev/shm'
const GIBIBYTE = 2 ** 30

/** In a container it is often small; and what is in it is taken from what the tests can have. */
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

/** Runs that were killed leave their server and folder to the next one. What cannot be cleared stays. */
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

/** Ours, and not one that is just being made: those are locked within the second. */
function isAbandoned(folder: string): boolean {
  const { uid, mtimeMs } = statSync(folder)
  return uid === process.getuid?.() && Date.now() - mtimeMs > 60_000
}
