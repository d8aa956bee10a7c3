import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../..')
const BIN = join(ROOT, 'node_modules/.bin')
const BUILT = join(ROOT, 'node_modules/.tap-built')
const LOCK = `${BUILT}.lock`

/** Milliseconds after which whoever holds the lock must have died. */
const STALE = 60_000

/**
 * Tap puts itself together from its plugins, once for an installation and a `.taprc`. Two runs that did so at the same
 * time would leave it broken for both; so one does, and the other waits.
 */
export async function buildTap(): Promise<void> {
  const wanted = await readFile(join(ROOT, '.taprc'), 'utf8')
  while (!(await isBuilt(wanted))) {
    if (!(await tryLock())) {
      await pause(200)
      continue
    }
    try {
      const env = { ...process.env, PATH: [BIN, process.env.PATH].join(delimiter) }
      await promisify(execFile)(join(BIN, 'tap'), ['build'], { cwd: ROOT, env })
      await writeFile(BUILT, wanted)
    } finally {
      await rm(LOCK, { recursive: true, force: true })
    }
  }
}

async function isBuilt(wanted: string): Promise<boolean> {
  return (await readFile(BUILT, 'utf8').catch(() => '')) === wanted
}

async function tryLock(): Promise<boolean> {
  const held = await stat(LOCK).catch(() => undefined)
  if (held && Date.now() - held.mtimeMs > STALE) await rm(LOCK, { recursive: true, force: true })
  return mkdir(LOCK).then(
    () => true,
    () => false,
  )
}
