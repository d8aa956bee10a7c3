import { once } from 'node:events'
import { createReadStream, createWriteStream, fstatSync, statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { openDatabase } from '../db/client.ts'
import { withoutParameters } from '../db/errors.ts'
import { openProgress, type Sums } from './import/progress.ts'
import { run } from './import/run.ts'
import { withDatabase } from './with-database.ts'

const USAGE = `Adds organisations, members, resources and grants from a file of lines; see docs/import.md.

  DATABASE_URL=postgres://… npm run import -- orgs.ndjson
  … | DATABASE_URL=postgres://… npm run import -- -

  --rejected <file>  where lines that cannot be imported are written with their number and the reason;
                     without it, rejected.ndjson
What is there already stays as it is, so an import that was stopped can be run again.
Without DATABASE_URL it is the embedded database, as long as Muster does not run on it.`

// The reader of the progress may be gone.
process.stderr.on('error', () => {})
process.exitCode = await main().catch((error) => {
  console.error(withoutParameters(error).message)
  return 1
})

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { rejected: { type: 'string', default: 'rejected.ndjson' } },
    allowPositionals: true,
  })
  const [file] = positionals
  if (positionals.length !== 1 || !file) throw new Error(USAGE)

  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())
  refuseOverwriting(file, values.rejected)
  const stream = file === '-' ? process.stdin : createReadStream(file)
  if (file !== '-') await once(stream, 'open')
  const rejected = createWriteStream(values.rejected)
  await once(rejected, 'open')
  rejected.on('error', (error) => stream.destroy(error))
  try {
    return await withDatabase(async (url) => {
      const db = openDatabase(url, 1)
      const progress = openProgress(file === '-' ? undefined : statSync(file).size)
      const work = { stream, db, rejected, progress, stop: stop.signal }
      const sums = await run(work).finally(() => db.close())
      return tell(sums, values.rejected, stop.signal.aborted)
    })
  } finally {
    stream.destroy()
  }
}

/** Refuses to overwrite the input, often rejected lines put right. It compares inodes, for links and stdin too. */
function refuseOverwriting(file: string, rejected: string): void {
  const input = file === '-' ? fstatSync(process.stdin.fd) : statSync(file)
  const output = statSync(rejected, { throwIfNoEntry: false })
  if (output?.isFile() && output.dev === input.dev && output.ino === input.ino)
    throw new Error(
      `${rejected} is the input: the rejected lines would overwrite it. Name another file with --rejected.`,
    )
}

/** Reports how the import ended, and returns the exit code. */
function tell({ lines, refused }: Sums, rejected: string, isStopped: boolean): number {
  if (refused > 0) console.error(`What was refused, and why: ${rejected}`)
  if (!isStopped) return refused > 0 ? 2 : 0
  console.error(`Stopped after line ${lines}. Run it again to go on: what is there stays as it is.`)
  return 130
}
