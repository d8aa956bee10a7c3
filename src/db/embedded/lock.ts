import { accessSync, chmodSync, constants, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Files } from './layout.ts'
import { commandOf, readPid } from './process.ts'

/** Refers to the locks, which would otherwise be closed, and dropped, as garbage. */
const held = new Set<DatabaseSync>()

/**
 * Lets one Muster use the folder. Node has no flock, but SQLite has: the system drops the lock of an open transaction
 * when its process dies, whatever killed it and whichever process has its pid now. No code may open or remove the file
 * by other means: closing any descriptor of it would drop the lock.
 */
export async function takeLock(files: Files): Promise<() => void> {
  accessSync(files.folder, constants.R_OK | constants.W_OK | constants.X_OK)
  const lock = new DatabaseSync(files.lock)
  try {
    lock.exec('pragma journal_mode = memory; begin immediate')
  } catch (error) {
    lock.close()
    if (!isHeld(error)) throw error
    throw new Error(`Muster already runs in ${files.folder} with pid ${await holder(files)}.`)
  }
  chmodSync(files.lock, 0o600)
  writeFileSync(files.holder, String(process.pid), { mode: 0o600 })
  held.add(lock)
  return () => {
    held.delete(lock)
    // A start that is refused soon after could read this pid, while this process lives on.
    rmSync(files.holder, { force: true })
    lock.close()
  }
}

function isHeld(error: unknown): boolean {
  const SQLITE_BUSY = 5
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}

/** Returns the pid of the holder, written just after it took the lock: until then the file may name a dead process. */
async function holder(files: Files): Promise<number> {
  for (let tries = 0; ; tries++) {
    const pid = readPid(files.holder)
    if (commandOf(pid) || tries === 20) return pid
    await sleep(50)
  }
}
