import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Files } from './layout.ts'
import { give } from './ownership.ts'
import { run } from './program.ts'
import type { Way } from './root.ts'

const SUPERUSER = 'muster'

type Log = (message: string) => void

/** Makes the cluster if there is none, and gives it to the account that the server will run as. */
export async function createCluster(files: Files, initdb: string, options: string[], way: Way, log: Log) {
  if (!existsSync(files.cluster)) {
    log(`Making a PostgreSQL database cluster in ${files.cluster}`)
    renameSync(await initialise(files, initdb, options, way), files.cluster)
  }
  give(files.cluster, way.owner)
}

export function urlOf(files: Files, port: number, database: string): string {
  const password = readFileSync(files.password, 'utf8')
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`
}

/** Uses the collation and character types built into PostgreSQL, which are the same on every system. */
async function initialise(files: Files, initdb: string, options: string[], way: Way): Promise<string> {
  const folder = mkdtempSync(files.unfinished)
  const data = join(folder, 'data')
  const password = join(folder, 'password')
  writeFileSync(password, randomBytes(24).toString('hex'), { mode: 0o600, flush: true })
  give(folder, way.owner)
  const program = await run(files, way, initdb, [
    ...[`--pgdata=${data}`, `--username=${SUPERUSER}`, `--pwfile=${password}`, '--auth=scram-sha-256'],
    ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    ...['--no-instructions', ...options],
  ])
  if ((await program.ended) !== 0) throw new Error(`PostgreSQL's initdb failed:\n${program.lastWords()}`)
  return folder
}
