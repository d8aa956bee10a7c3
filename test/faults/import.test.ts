import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { openDatabase } from '../../src/db/client.ts'
import { until } from '../jobs/scene.ts'
import { PATIENT } from '../support/postgres.ts'
import { startProcess } from '../support/process.ts'
import { stopwatch } from '../support/stopwatch.ts'
import { startFragilePostgres } from './fragile-postgres.ts'

const IMPORT = join(import.meta.dirname, '../../src/cli/import.ts')
const MEMBERS = 24_000

t.test(
  'PostgreSQL crashes in an import: it says so, waits, and nothing is missing or there twice',
  async (t) => {
    const postgres = await startFragilePostgres(t)
    const file = join(t.testdirName, 'many.ndjson')
    const org = { type: 'org', externalId: 'acme', name: 'Acme', adminUserId: 'admin' }
    const members = Array.from({ length: MEMBERS }, (_, n) => ({
      ...{ type: 'member', org: 'acme', userId: `u${n}`, role: 'member' },
    }))
    await writeFile(file, [org, ...members].map((line) => `${JSON.stringify(line)}\n`).join(''))
    const database = openDatabase(postgres.url, 1, PATIENT)
    t.teardown(() => database.close())
    const count = async (what: string) =>
      (await database.pool.query(`select count(*)::int as count from ${what}`)).rows[0].count
    const start = () =>
      startProcess(t, { DATABASE_URL: postgres.url }, [
        ...[process.execPath, IMPORT, file, '--rejected', join(t.testdirName, 'rejected')],
      ])
    const atWork = (from: number) =>
      until('it is at work', async () => (await count('members').catch(() => 0)) > from)

    const first = start()
    await atWork(0)
    await postgres.kill('SIGKILL')
    await first.says(/The database is away or busy/)
    const clock = stopwatch()
    first.kill('SIGINT')
    const { exit, stderr } = await first.ended
    t.equal(exit, 130, stderr)
    t.ok(clock() < 1_500, 'it does not wait to the end before it stops')
    t.match(stderr, /The database is away or busy; the next try is in 0\.5 s\.\n/)
    t.match(stderr, /Stopped after line \d+/)
    await postgres.start()

    const second = start()
    await atWork(2_000)
    await postgres.killBackend()
    await atWork(10_000)
    await postgres.kill('SIGKILL')
    await pause(1_000)
    await postgres.start()
    const end = await second.ended
    t.equal(end.exit, 0, end.stderr)
    t.match(end.stderr, /The database is away or busy/)
    const [, added = '', there = ''] = /([\d,]+) added, ([\d,]+) there, 0 refused\n$/.exec(end.stderr) ?? []
    t.comment(`      ${added} added, ${there} there`)
    t.equal(Number(added.replaceAll(',', '')) + Number(there.replaceAll(',', '')), MEMBERS + 1)
    t.equal(await count('members'), MEMBERS + 1)
    const { rows } = await database.pool.query('select sequence::int from events order by sequence')
    t.equal(rows.length, MEMBERS + 2, 'an event each, and one of the organisation')
    t.ok(
      rows.every(({ sequence }, index) => sequence === index + 1),
      'numbered without a gap',
    )
  },
)
