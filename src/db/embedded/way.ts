import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Files } from './layout.ts'
import { type Account, give } from './ownership.ts'
import { type Way, waysForRoot } from './root.ts'

const DIRECT: Way = { name: 'directly', prefix: [] }

/**
 * Runs programs directly for an ordinary user. For root, tries the ways and takes the first that works on this machine.
 */
export function chooseWay(files: Files, postgres: string): Way {
  return process.getuid?.() === 0 ? firstThatWorks(waysForRoot(files), files, postgres) : DIRECT
}

export function firstThatWorks(ways: Way[], files: Files, postgres: string): Way {
  const refusals: string[] = []
  for (const way of ways) {
    const refusal = tryOut(way, files, postgres)
    if (refusal === undefined) return way
    refusals.push(`${way.name}: ${refusal}`)
  }
  throw new Error(
    `PostgreSQL refuses to run as root, and no way around it works here (${refusals.join('; ')}): ` +
      'start Muster as an ordinary user, or set DATABASE_URL to a PostgreSQL server.',
  )
}

export function commandLine(way: Way, program: string, args: string[]): [string, string[]] {
  const [command = program, ...rest] = [...way.prefix, program, ...args]
  return [command, rest]
}

/** Passes on only what the programs need: none of Muster's secrets, no PGPORT or locale of the user. */
export function surroundings(way: Way) {
  return { ...way.account, cwd: '/', env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' } }
}

/** Lets PostgreSQL find itself, read a configuration and write a file as the server will. Returns why it cannot. */
function tryOut(way: Way, files: Files, postgres: string): string | undefined {
  try {
    if (way.account) letThrough(files.folder, way.account)
    rmSync(files.trial, { recursive: true, force: true })
    mkdirSync(files.trial, { mode: 0o700 })
    writeFileSync(join(files.trial, 'postgresql.conf'), '', { mode: 0o600 })
    give(files.trial, way.owner)
    const script = '"$0" -D "$1" -C data_directory && : > "$1/written"'
    const [command, rest] = commandLine(way, 'sh', ['-c', script, postgres, files.trial])
    const { error, status, stderr } = spawnSync(command, rest, {
      ...surroundings(way),
      encoding: 'utf8',
      timeout: 10_000,
    })
    if (error) throw error
    return status === 0 ? undefined : stderr.trim().split('\n').at(-1) || `exit code ${status}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    rmSync(files.trial, { recursive: true, force: true })
  }
}

function letThrough(folder: string, account: Account): void {
  const { mode, uid } = statSync(folder)
  if (uid === account.uid || mode & 0o001) return
  chownSync(folder, uid, account.gid)
  chmodSync(folder, 0o710)
}
