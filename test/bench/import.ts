import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setInterval as every } from 'node:timers/promises'
import { Client } from 'pg'
import { cloneDatabase } from '../support/postgres.ts'
import { memoryOf } from './figures/process-figures.ts'

// Measures a whole product's memberships: the time and memory to import them, import them again, and export them.
// Arguments: number of organisations, and members of each.

const [orgs = 10_000, members = 100] = process.argv.slice(2).map(Number)
const IMPORT = join(import.meta.dirname, '../../src/cli/import.ts')
const EXPORT = join(import.meta.dirname, '../../src/cli/export.ts')

const endings: (() => unknown)[] = []
const folder = await mkdtemp(join(tmpdir(), 'muster-import-'))
try {
  const url = await cloneDatabase({ teardown: (end) => void endings.unshift(end) })
  const file = join(folder, 'many.ndjson')
  await writeLines(file)
  console.log(`${orgs} organisations with ${members} members each, ${mebibytes((await stat(file)).size)}`)
  await measure('import', url, [IMPORT, file, '--rejected', join(folder, 'rejected')])
  await count(url)
  await measure('the same again', url, [IMPORT, file, '--rejected', join(folder, 'rejected')])
  await measure('export', url, [EXPORT])
} finally {
  for (const end of endings) await end()
  await rm(folder, { recursive: true })
}

async function writeLines(file: string): Promise<void> {
  const out = createWriteStream(file)
  for (let org = 0; org < orgs; org++) {
    const externalId = `org-${org}`
    const admin = `user-${org}-0`
    const lines: object[] = [{ type: 'org', externalId, name: `Org ${org}`, adminUserId: admin }]
    for (let n = 0; n < members; n++) {
      const userId = `user-${org}-${n}`
      const role = n === 0 ? 'admin' : 'member'
      lines.push({
        ...{ type: 'member', org: externalId, userId, role },
        ...{ email: `${userId}@example.com`, emailVerified: true, name: `Person ${n}` },
      })
    }
    if (!out.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))) await once(out, 'drain')
  }
  out.end()
  await once(out, 'close')
}

async function measure(what: string, url: string, args: string[]): Promise<void> {
  const begun = performance.now()
  const child = spawn(process.execPath, args, {
    env: { DATABASE_URL: url },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  let peak = 0
  const closed = once(child, 'close')
  const watching = new AbortController()
  const watch = (async () => {
    for await (const _ of every(100, undefined, { signal: watching.signal }))
      peak = memoryOf(child.pid ?? 0).most || peak
  })().catch(() => {})
  const [code] = await closed
  watching.abort()
  await watch
  const seconds = (performance.now() - begun) / 1000
  const rate = Math.round((orgs * (members + 1)) / seconds)
  console.log(
    `${what}: exit ${code}, ${seconds.toFixed(1)} s, ${rate} lines a second, at most ${Math.round(peak)} MiB resident`,
  )
}

async function count(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query(
    'select (select count(*)::int from members) as members, (select count(*)::int from events) as events',
  )
  console.log(rows[0])
  await client.end()
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`
}
