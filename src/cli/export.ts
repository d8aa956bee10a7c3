import { once } from 'node:events'
import { inSnapshot } from '../db/client.ts'
import { fetchLines } from '../domain/import/queries/export.ts'
import { withDatabase } from './with-database.ts'

const USAGE = `Writes all organisations, members, resources and grants, as lines that can be imported; see docs/import.md.

  DATABASE_URL=postgres://… npm run --silent export > orgs.ndjson

Without DATABASE_URL it is those of the embedded database, as long as Muster does not run on it.`

const AT_ONCE = 1_000

let failure: NodeJS.ErrnoException | undefined
process.stdout.on('error', (error) => {
  failure ??= error
})
process.exitCode = await main().catch((error) => {
  // The reader may have enough.
  if (failure?.code !== 'EPIPE') console.error(error instanceof Error ? error.message : error)
  return 1
})

async function main(): Promise<number> {
  if (process.argv.length > 2) throw new Error(USAGE)
  let count = 0
  await withDatabase((url) =>
    inSnapshot(url, async (tx) => {
      for await (const lines of fetchLines(tx, AT_ONCE)) {
        count += lines.length
        await write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
      }
    }),
  )
  if (failure) throw failure
  console.error(`${count.toLocaleString('en')} lines`)
  return 0
}

async function write(text: string): Promise<void> {
  if (failure) throw failure
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}
