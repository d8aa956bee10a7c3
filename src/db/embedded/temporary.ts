import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { layout } from './layout.ts'
import { endLeftover } from './leftover.ts'
import { takeLock } from './lock.ts'

const PREFIX = 'muster-throwaway-'

export function makeTemporary(): string {
  return mkdtempSync(join(tmpdir(), PREFIX))
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

/** Runs that were killed leave their server and folder to the next one. What cannot be cleared stays. */
export async function clearAbandoned(log: (message: string) => void): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name)
    try {
      if (!isAbandoned(folder)) continue
      const files = layout(folder)
      const unlock = await takeLock(files)
      await endLeftover(files, log).finally(unlock)
      remove(folder)
    } catch {}
  }
}

/** Ours, and not one that is just being made: those are locked within the second. */
function isAbandoned(folder: string): boolean {
  const { uid, mtimeMs } = statSync(folder)
  return uid === process.getuid?.() && Date.now() - mtimeMs > 60_000
}
