import { addAbortListener, once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Db } from '../../db/client.ts'
import type { By } from '../../domain/actor.ts'
import type { Numbered, Outcomes } from '../../domain/import/line.ts'
import { load, type Patience } from './load.ts'
import { parseLine } from './parse.ts'
import type { Progress, Sums } from './progress.ts'
import { linesOf, type Read } from './split.ts'

export interface Run {
  readonly stream: Readable
  readonly db: Db
  readonly rejected: Writable
  readonly progress: Progress
  readonly stop: AbortSignal
}

// Lines and bytes in one transaction: what its statements write well within their two seconds.
const BATCH = 1_000
const BATCH_BYTES = 4 * 1024 * 1024

const BY: By = { type: 'service', id: 'import' }

/** Imports a stream of lines, batch by batch, until it ends or is told to stop. Ends `rejected`. */
export async function run(work: Run): Promise<Sums> {
  const { stream, rejected, progress, stop } = work
  const sums: Sums = { lines: 0, added: 0, there: 0, refused: 0, bytes: 0 }
  addAbortListener(stop, () => stream.destroy())
  try {
    for await (const batch of batchesOf(stream)) {
      if (stop.aborted) break
      await importBatch(work, batch, sums)
      progress.tell(sums)
    }
  } catch (error) {
    // A stop makes the destroyed stream and the aborted pause throw; neither is a failure.
    if (!stop.aborted) {
      progress.end(sums)
      throw error
    }
  }
  await finished(rejected.end())
  progress.end(sums)
  return sums
}

async function* batchesOf(stream: Readable): AsyncGenerator<Read[]> {
  let batch: Read[] = []
  let begun = 0
  for await (const read of linesOf(stream)) {
    batch.push(read)
    if (batch.length < BATCH && read.bytes - begun < BATCH_BYTES) continue
    begun = read.bytes
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

async function importBatch(work: Run, reads: readonly Read[], sums: Sums): Promise<void> {
  const { lines, refused } = parse(reads)
  await report(work.rejected, refused, reads, sums)
  await report(work.rejected, await load(work.db, BY, lines, patienceOf(work)), reads, sums)
  sums.lines += reads.length
  sums.bytes = reads.at(-1)?.bytes ?? sums.bytes
}

function parse(reads: readonly Read[]): { lines: Numbered[]; refused: Outcomes } {
  const lines: Numbered[] = []
  const refused: Outcomes = new Map()
  for (const { number, text } of reads) {
    if (text?.trim() === '') continue
    const line = parseLine(text)
    if ('refused' in line) refused.set(number, line)
    else lines.push({ number, line })
  }
  return { lines, refused }
}

function patienceOf({ stop, progress }: Run): Patience {
  return {
    signal: stop,
    waiting: (milliseconds) =>
      progress.say(`The database is away or busy; the next try is in ${milliseconds / 1000} s.`),
  }
}

/** Counts the outcomes, and writes each refused line with its number and the reason. */
async function report(
  rejected: Writable,
  outcomes: Outcomes,
  reads: readonly Read[],
  sums: Sums,
): Promise<void> {
  const textOf = new Map(reads.map(({ number, text }) => [number, text]))
  for (const [line, outcome] of outcomes) {
    if (typeof outcome === 'string') {
      sums[outcome] += 1
      continue
    }
    sums.refused += 1
    if (rejected.errored) throw rejected.errored
    const record = { line, reason: outcome.refused, text: textOf.get(line) ?? null }
    if (!rejected.write(`${JSON.stringify(record)}\n`)) await once(rejected, 'drain')
  }
}
