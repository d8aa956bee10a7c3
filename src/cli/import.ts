import { once } from 'node:events'
import { createReadStream, createWriteStream, statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { openDatabase } from '../db/client.ts'
import type { By } from '../domain/actor.ts'
import type { Numbered } from '../domain/bulk/line.ts'
import { load } from './bulk/load.ts'
import { parseLine } from './bulk/parse.ts'
import { openProgress, type Sums } from './bulk/progress.ts'
import { linesOf, type Read } from './bulk/split.ts'

const USAGE = `Adds organisations, members, resources and grants from a file of lines; see docs/import.md.

  DATABASE_URL=postgres://… npm run import -- orgs.ndjson
  … | DATABASE_URL=postgres://… npm run import -- -

  --rejected <file>  where lines that cannot be imported are written with their number and the reason;
                     without it, rejected.ndjson
What is there already stays as it is, so an import that was stopped can be run again.`

/** Lines in one transaction: what its statements do well within their two seconds. */
const BATCH = 1_000

const BY: By = { type: 'service', id: 'import' }

process.exitCode = await main().catch((error) => {
  console.error(error instanceof Error ? error.message : error)
  return 1
})

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { rejected: { type: 'string', default: 'rejected.ndjson' } },
    allowPositionals: true,
  })
  const [file] = positionals
  const url = process.env.DATABASE_URL
  if (positionals.length !== 1 || !file) throw new Error(USAGE)
  if (!url) throw new Error(`DATABASE_URL is not set.\n\n${USAGE}`)

  const db = openDatabase(url, 1)
  const rejected = createWriteStream(values.rejected)
  try {
    await once(rejected, 'open')
    return await run(file, db, rejected, values.rejected)
  } finally {
    await new Promise<void>((resolve) => rejected.end(resolve))
    await db.close()
  }
}

async function run(
  file: string,
  db: Parameters<typeof load>[0],
  rejected: NodeJS.WritableStream,
  rejectedName: string,
): Promise<number> {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const sums: Sums = { lines: 0, added: 0, there: 0, refused: 0, bytes: 0 }
  const progress = openProgress(file === '-' ? undefined : statSync(file).size)
  const stream = file === '-' ? process.stdin : createReadStream(file)

  let batch: Read[] = []
  for await (const read of linesOf(stream)) {
    if (stop.signal.aborted) break
    batch.push(read)
    if (batch.length < BATCH) continue
    await importBatch(batch)
    batch = []
  }
  if (!stop.signal.aborted) await importBatch(batch)
  progress.end(sums)
  if (sums.refused > 0)
    console.error(`${sums.refused} lines were refused; ${rejectedName} says which, and why.`)
  if (!stop.signal.aborted) return sums.refused > 0 ? 2 : 0
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
    const outcomes = await load(db, BY, good)
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
    if (!rejected.write(`${JSON.stringify({ line, reason, text: text ?? null })}\n`))
      await once(rejected, 'drain')
  }
}
