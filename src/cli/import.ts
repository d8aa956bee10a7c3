import { addAbortListener, once } from 'node:events'
import { createReadStream, createWriteStream, fstatSync, statSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { type Db, openDatabase } from '../db/client.ts'
import { withoutParameters } from '../db/errors.ts'
import type { By } from '../domain/actor.ts'
import type { Numbered } from '../domain/import/line.ts'
import { withDatabase } from './database.ts'
import { load, type Patience } from './import/load.ts'
import { parseLine } from './import/parse.ts'
import { openProgress, type Sums } from './import/progress.ts'
import { linesOf, type Read } from './import/split.ts'

const USAGE = `Adds organisations, members, resources and grants from a file of lines; see docs/import.md.

  DATABASE_URL=postgres://… npm run import -- orgs.ndjson
  … | DATABASE_URL=postgres://… npm run import -- -

  --rejected <file>  where lines that cannot be imported are written with their number and the reason;
                     without it, rejected.ndjson
What is there already stays as it is, so an import that was stopped can be run again.
Without DATABASE_URL it is the embedded database, as long as Muster does not run on it.`

// Lines in one transaction, and their bytes: what its statements do well within their two seconds.
const BATCH = 1_000
const BATCH_BYTES = 4 * 1024 * 1024

const BY: By = { type: 'service', id: 'import' }

// Whoever read the progress may be gone.
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
      const work = { file, stream, db, rejected, rejectedName: values.rejected, stop: stop.signal }
      return run(work).finally(() => db.close())
    })
  } finally {
    stream.destroy()
  }
}

/** What was refused and put right stands in a file of that name; by whichever name, or on standard input. */
function refuseOverwriting(file: string, rejected: string): void {
  const input = file === '-' ? fstatSync(process.stdin.fd) : statSync(file)
  const output = statSync(rejected, { throwIfNoEntry: false })
  if (output?.isFile() && output.dev === input.dev && output.ino === input.ino)
    throw new Error(
      `${rejected} would be overwritten by the lines that are refused of it. Name another file with --rejected.`,
    )
}

interface Run {
  readonly file: string
  readonly stream: Readable
  readonly db: Db
  readonly rejected: Writable
  readonly rejectedName: string
  readonly stop: AbortSignal
}

async function run({ file, stream, db, rejected, rejectedName, stop }: Run): Promise<number> {
  const sums: Sums = { lines: 0, added: 0, there: 0, refused: 0, bytes: 0 }
  const progress = openProgress(file === '-' ? undefined : statSync(file).size)
  addAbortListener(stop, () => stream.destroy())
  const patience: Patience = {
    signal: stop,
    waiting: (milliseconds) =>
      progress.say(`The database is away or busy; the next try is in ${milliseconds / 1000} s.`),
  }

  let batch: Read[] = []
  let begun = 0
  try {
    for await (const read of linesOf(stream)) {
      if (stop.aborted) break
      batch.push(read)
      if (batch.length < BATCH && read.bytes - begun < BATCH_BYTES) continue
      begun = read.bytes
      await importBatch(batch)
      batch = []
    }
    if (!stop.aborted) await importBatch(batch)
  } catch (error) {
    // A stream that is destroyed says that it ended too early, and a pause that it was broken off.
    if (!stop.aborted) {
      progress.end(sums)
      throw error
    }
  }
  await finished(rejected.end())
  progress.end(sums)
  if (sums.refused > 0) console.error(`What was refused, and why: ${rejectedName}`)
  if (!stop.aborted) return sums.refused > 0 ? 2 : 0
  console.error(`Stopped after line ${sums.lines}. Run it again to go on: what is there stays as it is.`)
  return 130

  async function importBatch(reads: readonly Read[]): Promise<void> {
    const good: Numbered[] = []
    for (const { number, text } of reads) {
      if (text?.trim() === '') continue
      const line = parseLine(text)
      if ('refused' in line) await refuse(number, line.refused, text)
      else good.push({ number, line })
    }
    const outcomes = await load(db, BY, good, patience)
    const textOf = new Map(reads.map(({ number, text }) => [number, text]))
    for (const [number, outcome] of outcomes) {
      if (typeof outcome === 'string') sums[outcome] += 1
      else await refuse(number, outcome.refused, textOf.get(number))
    }
    sums.lines += reads.length
    sums.bytes = reads.at(-1)?.bytes ?? sums.bytes
    progress.tell(sums)
  }

  async function refuse(line: number, reason: string, text: string | undefined): Promise<void> {
    sums.refused += 1
    if (rejected.errored) throw rejected.errored
    if (!rejected.write(`${JSON.stringify({ line, reason, text: text ?? null })}\n`))
      await once(rejected, 'drain')
  }
}
