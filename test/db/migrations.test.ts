import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import t, { type Test } from 'tap'
import { openDatabase } from '../../src/db/client.ts'
import { isMigrated, migrate } from '../../src/db/migrate.ts'
import { cloneDatabase, PATIENT } from '../support/postgres.ts'
import { QUICK } from '../support/process.ts'

const ROOT = join(import.meta.dirname, '../..')
const MIGRATIONS = join(ROOT, 'migrations')
const run = promisify(execFile)

t.test('an empty database is migrated, and a second time changes nothing', async (t) => {
  const url = await emptyDatabase(t)
  const database = openDatabase(url, 1, PATIENT)
  t.teardown(() => database.close())
  t.equal(await isMigrated(database.sql), false)
  await migrate(url)
  t.equal(await isMigrated(database.sql), true)
  const applied = await query(url, 'select * from drizzle.__drizzle_migrations')
  const journal = JSON.parse(await readFile(join(MIGRATIONS, 'meta/_journal.json'), 'utf8'))
  t.equal(applied.length, journal.entries.length)

  await migrate(url)
  t.same(await query(url, 'select * from drizzle.__drizzle_migrations'), applied)
})

t.test('of several processes that migrate at once, one does it, and all find it done', async (t) => {
  const url = await emptyDatabase(t)
  const started = Array.from({ length: 3 }, () => migrateFrom(ROOT, url))
  for (const { stdout } of await Promise.all(started)) t.equal(stdout, 'The database is up to date.\n')
  const applied = await query(url, 'select hash from drizzle.__drizzle_migrations')
  t.equal(applied.length, new Set(applied.map(({ hash }) => hash)).size, 'each migration once')
})

t.test('the clone may lie in a folder with a space, a percent sign and an umlaut', async (t) => {
  const clone = await mkdtemp(join(tmpdir(), 'muster 100% größer '))
  t.teardown(() => rm(clone, { recursive: true }))
  for (const part of ['src', 'migrations', 'package.json'])
    await cp(join(ROOT, part), join(clone, part), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(clone, 'node_modules'))
  const url = await emptyDatabase(t)
  t.equal((await migrateFrom(clone, url)).stdout, 'The database is up to date.\n')
})

t.test('the tables in the code are those of the migrations', async (t) => {
  const copy = relative(ROOT, t.testdir())
  await cp(MIGRATIONS, join(ROOT, copy), { recursive: true })
  const kit = join(ROOT, 'node_modules/drizzle-kit/bin.cjs')
  const options = ['--dialect=postgresql', '--schema=./src/db/tables', `--out=./${copy}`]
  const { stdout } = await run(process.execPath, [kit, 'generate', ...options], { cwd: ROOT })
  t.match(stdout, /No schema changes/, 'run `npm run generate` and commit what it writes')
  t.same((await readdir(join(ROOT, copy))).sort(), (await readdir(MIGRATIONS)).sort())
})

t.test('whoever deletes what a foreign key points to finds the rows by an index', async (t) => {
  const missing = await query(
    await cloneDatabase(t),
    `select conrelid::regclass || ': ' || conname as key
       from pg_constraint
      where contype = 'f' and connamespace = 'public'::regnamespace
        and not exists (select from pg_index
          where indrelid = conrelid and indpred is null
            and (indkey::int2[])[0:cardinality(conkey) - 1] @> conkey)`,
  )
  t.same(missing, [])
})

t.test('a row of one organisation cannot point into another', async (t) => {
  const url = await cloneDatabase(t)
  const ofAnOrg = `select attrelid, attnum from pg_attribute where attname = 'org_id'`
  const keys = (carrying: 'in' | 'not in') => `
    select conname from pg_constraint
      join (${ofAnOrg}) as here on here.attrelid = conrelid
      join (${ofAnOrg}) as there on there.attrelid = confrelid
     where contype = 'f' and (here.attnum, there.attnum) ${carrying} (select * from unnest(conkey, confkey))`
  t.same(await query(url, keys('not in')), [], 'every foreign key between them carries the org')
  t.ok((await query(url, keys('in'))).length >= 3)
})

t.test('a time is kept to the millisecond, with its zone', async (t) => {
  const others = await query(
    await cloneDatabase(t),
    `select table_name, column_name from information_schema.columns
      where table_schema = 'public' and data_type like 'timestamp%'
        and not (data_type = 'timestamp with time zone' and datetime_precision = 3)`,
  )
  t.same(others, [])
})

function migrateFrom(clone: string, url: string) {
  return run(process.execPath, [join(clone, 'src/cli/migrate.ts')], {
    env: { ...QUICK, DATABASE_URL: url },
    cwd: clone,
  })
}

async function emptyDatabase(t: Test): Promise<string> {
  const server = process.env.TEST_DATABASE_URL ?? ''
  const name = `muster_test_${randomBytes(8).toString('hex')}`
  await query(server, `create database ${name}`)
  t.teardown(() => query(server, `drop database if exists ${name} with (force)`))
  return Object.assign(new URL(server), { pathname: `/${name}` }).href
}

async function query(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query(statement).finally(() => client.end())
  return rows
}
