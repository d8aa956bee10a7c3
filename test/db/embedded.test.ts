import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import t, { type Test } from 'tap'
import { findBinaries } from '../../src/db/embedded/binaries.ts'
import { layout } from '../../src/db/embedded/layout.ts'
import { firstThatWorks } from '../../src/db/embedded/way.ts'
import { startEmbedded } from '../../src/db/embedded.ts'

const files = layout(join(t.testdir(), 'data'))
const quiet = () => {}

t.test('what was written is there after a restart', async (t) => {
  const first = await startEmbedded(files.folder, quiet)
  await query(first.url, 'create table notes (id serial, note text)')
  await query(first.url, "insert into notes (note) values ('before the restart')")
  await first.stop()

  const { url, stop } = await startEmbedded(files.folder, quiet)
  t.teardown(stop)
  t.same(await query(url, 'select note from notes'), [{ note: 'before the restart' }])
})

t.test('nobody else on the machine gets in', async (t) => {
  const { url, stop } = await startEmbedded(files.folder, quiet)
  t.teardown(stop)
  t.equal(statSync(files.folder).mode & 0o707, 0o700)
  t.equal(statSync(files.cluster).mode & 0o777, 0o700)
  t.equal(statSync(files.password).mode & 0o777, 0o600)
  t.same(await query(url, 'show listen_addresses'), [{ listen_addresses: '127.0.0.1' }])
  await t.rejects(query(url.replace(/:\w+@/, ':guess@'), 'select'), { code: '28P01' })
})

t.test('text sorts and folds alike on every machine', async (t) => {
  const { url, stop } = await startEmbedded(files.folder, quiet)
  t.teardown(stop)
  const [database] = await query(
    url,
    'select pg_encoding_to_char(encoding) as encoding, datlocprovider as provider, datlocale as locale from pg_database where datname = current_database()',
  )
  t.same(database, { encoding: 'UTF8', provider: 'b', locale: 'C.UTF-8' })
})

t.test('after a kill -9 the next start stops the server left over, and has every commit', async (t) => {
  const killed = startOther(t)
  await query(await killed.answer, "insert into notes (note) values ('before the kill')")
  await end(killed.process, 'SIGKILL')
  const orphan = readFileSync(files.postmaster, 'utf8').split('\n')[0]

  const messages: string[] = []
  const { url, stop } = await startEmbedded(files.folder, (message) => messages.push(message))
  t.teardown(stop)
  t.match(messages[0], `pid ${orphan}`)
  t.same(await query(url, 'select note from notes order by id'), [
    { note: 'before the restart' },
    { note: 'before the kill' },
  ])
})

t.test('a kill -9 in the middle of the very first start does no harm', async (t) => {
  const young = layout(join(t.testdir(), 'data'))
  const killed = startOther(t, young.folder)
  const isBeingMade = () =>
    existsSync(young.folder) && readdirSync(young.folder).some((name) => name.startsWith('postgres.new-'))
  while (!isBeingMade()) await sleep(10)
  await end(killed.process, 'SIGKILL')

  const { url, stop } = await startEmbedded(young.folder, quiet)
  t.teardown(stop)
  t.same(await query(url, 'select current_database() as name'), [{ name: 'muster' }])
})

for (const [what, content] of [
  ['whose pid another program has by now', `${process.ppid}\n${files.data}\n`],
  ['whose pid nobody has', `4194304\n${files.data}\n`],
  ['that a power cut left empty', ''],
] as const)
  t.test(`a lock file ${what} is in nobody's way`, async (t) => {
    writeFileSync(files.postmaster, content)
    const { url, stop } = await startEmbedded(files.folder, quiet)
    t.teardown(stop)
    t.same(await query(url, 'select count(*)::int from notes'), [{ count: 2 }])
  })

t.test('a second start says which process runs there, and leaves it alone', async (t) => {
  const { url, stop } = await startEmbedded(files.folder, quiet)
  t.teardown(stop)
  const taken = `Muster already runs in ${files.folder} with pid ${process.pid}.`
  t.equal(await startOther(t).answer, taken)
  await t.rejects(startEmbedded(files.folder, quiet), { message: taken })
  t.same(await query(url, 'select count(*)::int from notes'), [{ count: 2 }])
})

t.test('of starts that race one wins, and the others name it', async (t) => {
  const racers = [startOther(t), startOther(t), startOther(t)]
  const answers = await Promise.all(racers.map(({ answer }) => answer))
  const winners = racers.filter((_, n) => answers[n]?.startsWith('postgres://'))
  t.equal(winners.length, 1)
  const taken = `Muster already runs in ${files.folder} with pid ${winners[0]?.process.pid}.`
  t.equal(answers.filter((answer) => answer === taken).length, 2)
})

t.test('a server that does not start is quoted', async (t) => {
  const configuration = join(files.data, 'postgresql.conf')
  const sound = readFileSync(configuration)
  t.teardown(() => writeFileSync(configuration, sound))
  appendFileSync(configuration, 'nonsense = 1\n')
  await t.rejects(startEmbedded(files.folder, quiet), { message: /did not start:.*"nonsense"/s })
})

t.test('of the ways to run PostgreSQL the first that works is taken', async (t) => {
  const { postgres } = await findBinaries()
  const missing = { name: 'missing', prefix: ['no-such-program'] }
  const refused = { name: 'refused', prefix: ['sh', '-c', 'echo not allowed >&2; exit 1'] }
  const working = { name: 'working', prefix: ['sh', '-c', 'true'] }
  t.equal(firstThatWorks([missing, refused, working], files, postgres), working)
  t.throws(() => firstThatWorks([missing, refused], files, postgres), {
    message: /missing: .*no-such-program.*; refused: not allowed.* set DATABASE_URL/,
  })
})

/** Another process, as `npm start` would be: its answer is the URL, or why it did not start. */
function startOther(t: Test, folder = files.folder): { process: ChildProcess; answer: Promise<string> } {
  const program = `
    import { startEmbedded } from '${import.meta.resolve('../../src/db/embedded.ts')}'
    try {
      const { url, stop } = await startEmbedded(process.argv[1], () => {})
      process.once('SIGTERM', stop)
      console.log(url)
    } catch (error) {
      console.log(error.message)
    }`
  const other = spawn(process.execPath, ['--input-type=module', '--eval', program, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => end(other, 'SIGTERM'))
  const answer = once(createInterface(other.stdout), 'line').then(([line]) => String(line))
  return { process: other, answer }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'exit')
}

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query(statement)
    return rows
  } finally {
    await client.end()
  }
}
