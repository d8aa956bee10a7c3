import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { link, open, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { openDatabase } from '../../src/db/client.ts'
import { startEmbedded } from '../../src/db/embedded.ts'
import { until } from '../jobs/scene.ts'
import { startMuster } from '../support/muster.ts'
import { cloneDatabase, PATIENT } from '../support/postgres.ts'
import { QUICK, startProcess } from '../support/process.ts'
import { EXPORT, IMPORT, LINES, member, runImport } from './importing.ts'

t.test('an import that is stopped goes on when it is run again', async (t) => {
  const url = await cloneDatabase(t)
  const folder = t.testdir()
  const file = join(folder, 'many.ndjson')
  const lines = [LINES[0], ...Array.from({ length: 20_000 }, (_, n) => member(n))]
  await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const child = spawn(process.execPath, [IMPORT, file, '--rejected', join(folder, 'r')], {
    env: { ...QUICK, DATABASE_URL: url },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text
  })
  const database = openDatabase(url, 1, PATIENT)
  t.teardown(() => database.close())
  await until('it has begun', async () => {
    const { rows } = await database.pool.query('select from members limit 1')
    return rows.length > 0
  })
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  t.equal(code, 130, err)
  t.match(err, /Stopped after line \d+\. Run it again to go on/)
  const again = await runImport(t, url, lines)
  t.equal(again.code, 0)
  const [, added, there] = [...again.err.matchAll(/([\d,]+) added, ([\d,]+) there/g)].at(-1) ?? []
  t.ok(there !== '0', `${there} were there`)
  t.equal(Number(added?.replaceAll(',', '')) + Number(there?.replaceAll(',', '')), 20_001)
})

t.test('an import beside the API waits for it, and neither fails', async (t) => {
  const muster = await startMuster(t)
  const backend = muster.service('muster:write')
  const { body: org } = await backend.post('/orgs', { name: 'Live', adminUserId: 'a', externalId: 'live' })
  const lines = Array.from({ length: 6_000 }, (_, n) =>
    n % 2 === 0
      ? { type: 'org', externalId: `new-${n}`, name: 'N', adminUserId: `u${n % 50}` }
      : { ...member(n % 50), org: 'live' },
  )
  const importing = runImport(t, muster.databaseUrl, lines)
  let done = false
  importing.finally(() => {
    done = true
  })
  const statuses = new Set<number>()
  for (let n = 0; !done; n++)
    statuses.add((await backend.put(`/orgs/${org.id}/members/u${n % 50}`, { role: 'member' })).status)
  t.equal((await importing).code, 0)
  t.same(
    [...statuses].filter((status) => status > 201),
    [],
  )
})

t.test('a file that was refused lines is not overwritten by what is refused of it', async (t) => {
  const file = join(t.testdir(), 'rejected.ndjson')
  await writeFile(file, 'precious\n')
  await link(file, `${file}.link`)
  const input = await open(file)
  t.teardown(() => input.close())
  for (const [from, to] of [
    [file, file],
    [file, `${file}.link`],
    ['-', file],
  ] as const) {
    const child = spawn(process.execPath, [IMPORT, from, '--rejected', to], {
      env: { ...QUICK, DATABASE_URL: 'postgres://127.0.0.1:1/none' },
      stdio: [input.fd, 'ignore', 'ignore'],
    })
    t.same(await once(child, 'close'), [1, null])
    t.equal(await readFile(file, 'utf8'), 'precious\n')
  }
})

t.test('an import that waits for more lines stops when it is told to', async (t) => {
  const url = await cloneDatabase(t)
  const child = spawn(process.execPath, [IMPORT, '-', '--rejected', join(t.testdir(), 'r')], {
    env: { ...QUICK, DATABASE_URL: url },
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  await until(
    'it reads',
    async () => (await stat(join(t.testdirName, 'r')).catch(() => undefined)) !== undefined,
  )
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  t.equal(code, 130)
})

t.test('of two imports of one file at once, each takes every line', async (t) => {
  const muster = await startMuster(t)
  const lines = Array.from({ length: 4_000 }, (_, n) =>
    n % 4 === 0
      ? { type: 'org', externalId: `org-${n}`, name: 'N', adminUserId: 'a' }
      : { ...member(n), org: `org-${n - (n % 4)}` },
  )
  const runs = await Promise.all(
    [1, 2, 3].map((n) => runImport(t, muster.databaseUrl, lines, `rejected-${n}`)),
  )
  for (const { code, rejected, err } of runs) t.match({ code, rejected }, { code: 0, rejected: [] }, err)
  const { rows } = await muster.db.pool.query(
    'select (select count(*) from members)::int as members, (select count(*) from events)::int as events',
  )
  t.same(rows, [{ members: 4_000, events: 5_000 }])
})

t.test('a line that the database is too slow for is tried again before it is refused', async (t) => {
  const muster = await startMuster(t)
  await muster.db.pool.query(`
    create sequence tries;
    create function wait() returns trigger language plpgsql as
      $$ begin if nextval('tries') = 1 then perform pg_sleep(3); end if; return new; end $$;
    create trigger slow before insert on members for each row execute function wait()`)
  const { code, rejected, err } = await runImport(t, muster.databaseUrl, [LINES[0]])
  t.match({ code, rejected }, { code: 0, rejected: [] })
  t.match(err, 'The database is away or busy')
})

t.test('who reads how far it is may go', async (t) => {
  const url = await cloneDatabase(t)
  const child = spawn(process.execPath, [IMPORT, '-', '--rejected', join(t.testdir(), 'r')], {
    env: { ...QUICK, DATABASE_URL: url },
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  child.stderr.destroy()
  child.stdin.end(LINES.map((line) => `${JSON.stringify(line)}\n`).join(''))
  t.same(await once(child, 'close'), [0, null])
})

t.test(
  'where nothing can be written of what is refused, it ends, and says why',
  { skip: !existsSync('/dev/full') },
  async (t) => {
    const child = spawn(process.execPath, [IMPORT, '-', '--rejected', '/dev/full'], {
      env: { ...QUICK, DATABASE_URL: await cloneDatabase(t) },
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    child.stdin.on('error', () => {})
    const said = text(child.stderr)
    child.stdin.end('{}\n'.repeat(50_000))
    t.same(await once(child, 'close'), [1, null])
    t.match(await said, /^.*refused\nENOSPC: [^\n]*\n$/)
  },
)

t.test('without DATABASE_URL it is the embedded database, as long as no Muster runs on it', async (t) => {
  const folder = t.testdir()
  const file = join(folder, 'lines')
  await writeFile(file, LINES.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const run = async (...command: string[]) =>
    startProcess(t, { MUSTER_DATA_DIR: join(folder, 'data') }, [process.execPath, ...command]).ended
  const importing = [IMPORT, file, '--rejected', join(folder, 'rejected')]
  t.match(await run(...importing), { exit: 0, stderr: /6 added, 1 there, 0 refused\n/ })
  const { stdout } = await run(EXPORT)
  t.equal(
    stdout.trim().split('\n').length,
    LINES.length + 1,
    'the Admin has a line, too, and who was granted a role',
  )
  const embedded = await startEmbedded(join(folder, 'data'), () => {})
  t.teardown(() => embedded.stop())
  t.match(await run(...importing), { exit: 1, stderr: /^Muster already runs in .* with pid \d+\.\n$/ })
})

t.test('who reads an export may have enough of it', async (t) => {
  const url = await cloneDatabase(t)
  await runImport(t, url, [LINES[0], ...Array.from({ length: 5_000 }, (_, n) => member(n))])
  const child = spawn(process.execPath, [EXPORT], {
    env: { ...QUICK, DATABASE_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = text(child.stderr)
  child.stdout.once('data', () => child.stdout.destroy())
  t.same(await once(child, 'close'), [1, null])
  t.equal(await said, '')
})
