import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Files } from './layout.ts'
import { commandOf, readPid } from './process.ts'

/** Stops the server that a killed Muster left running, and removes the files it left. The caller holds the lock. */
export async function endLeftover(files: Files, log: (message: string) => void): Promise<void> {
  clearUnfinished(files)
  const pid = readPid(files.postmaster)
  const command = commandOf(pid)
  if (pid && command === undefined) return
  if (isOurs(command, files)) {
    log(`Stopping the PostgreSQL (pid ${pid}) that a killed Muster left running`)
    await end(pid, files)
  } else if (!mayServe(pid, command, files)) {
    // PostgreSQL takes over the lock file of a dead server, but not when another process has its pid by now, nor one
    // that a power cut left empty. The lock file of a server of this cluster stays, so that PostgreSQL refuses to start.
    rmSync(files.postmaster, { force: true })
  }
}

/**
 * Removes unfinished clusters. An initdb that outlived its Muster fails when its folder is removed. What it is still
 * writing is removed the next time.
 */
function clearUnfinished(files: Files): void {
  const paths = readdirSync(files.folder).map((name) => join(files.folder, name))
  for (const path of paths.filter((path) => path.startsWith(files.unfinished)))
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: 3 })
    } catch {}
}

function isOurs(command: string | undefined, files: Files): boolean {
  return command?.includes(`postgres -D ${files.data} -c port=`) ?? false
}

/** Sends a fast shutdown, then an immediate one: the latter costs the next start a recovery, but no data. */
async function end(pid: number, files: Files): Promise<void> {
  for (const [signal, seconds] of [
    ['SIGINT', 30],
    ['SIGQUIT', 10],
  ] as const) {
    process.kill(pid, signal)
    for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await sleep(50))
      if (!isOurs(commandOf(pid), files)) return
  }
  throw new Error(`PostgreSQL (pid ${pid}), which a killed Muster left running, does not stop.`)
}

/** True for a process that may be a server of this cluster, started by hand or before the folder was moved. */
function mayServe(pid: number, command: string | undefined, files: Files): boolean {
  const [, data] = command?.match(/postgres\b.* -D (.+?)(?: -|\s*$)/) ?? []
  return data !== undefined && !servesElsewhere(pid, data, files)
}

function servesElsewhere(pid: number, data: string, files: Files): boolean {
  return readPid(join(data, 'postmaster.pid')) === pid && statSync(data).ino !== statSync(files.data).ino
}
