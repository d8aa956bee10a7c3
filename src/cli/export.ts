import { once } from 'node:events'
import { inSnapshot } from '../db/client.ts'
import { fetchLines } from '../domain/bulk/queries/export.ts'

const USAGE = `Writes all organisations, members, resources and grants, as lines that can be imported; see docs/import.md.

  DATABASE_URL=postgres://… npm run --silent export > orgs.ndjson`

const AT_ONCE = 1_000

process.stdout.on('error', () => process.exit(1))
process.exitCode = await main().catch((error) => {
  console.error(error instanceof Error ? error.message : error)
  return 1
})

async function main(): Promise<number> {
  const url = process.env.DATABASE_URL
  if (!url || process.argv.length > 2) throw new Error(USAGE)
  let count = 0
  await inSnapshot(url, async (tx) => {
    for await (const lines of fetchLines(tx, AT_ONCE)) {
      count += lines.length
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
      if (!process.stdout.write(text)) await once(process.stdout, 'drain')
    }
  })
  console.error(`${count.toLocaleString('en')} lines`)
  return 0
}
