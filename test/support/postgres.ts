import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, DatabaseError } from 'pg'
import type { Test } from 'tap'
import { migrate } from '../../src/db/migrate.ts'

const TEMPLATE = 'muster_template'

/** Milliseconds to wait for a database where a test is not about that: two seconds are short on a busy machine. */
export const PATIENT = 60_000

/** Makes a migrated database for a test file, dropped when the file ends. Returns its URL. */
export async function cloneDatabase(t: Pick<Test, 'teardown'>): Promise<string> {
  const server = process.env.TEST_DATABASE_URL
  if (!server) throw new Error('There is no PostgreSQL to test on: start the tests with `npm run spec`')
  const name = `muster_test_${randomBytes(8).toString('hex')}`
  await clone(server, name)
  t.teardown(() => execute(server, `drop database if exists ${name} with (force)`))
  return urlOf(server, name)
}

/** Migrates once for all. No connection is allowed afterwards: PostgreSQL clones a database only without any. */
export async function makeTemplate(server: string): Promise<void> {
  await dropTemplate(server)
  await execute(server, `create database ${TEMPLATE}`)
  await migrate(urlOf(server, TEMPLATE))
  await execute(server, `alter database ${TEMPLATE} allow_connections false`)
}

export async function dropTemplate(server: string): Promise<void> {
  await execute(server, `drop database if exists ${TEMPLATE} with (force)`)
}

/** Retries, because the server's own processes (autovacuum, statistics) now and then connect to every database. */
async function clone(server: string, name: string): Promise<void> {
  const OBJECT_IN_USE = '55006'
  for (let tries = 1; ; tries++)
    try {
      return await execute(server, `create database ${name} template ${TEMPLATE}`)
    } catch (error) {
      if (!(error instanceof DatabaseError && error.code === OBJECT_IN_USE) || tries === 20) throw error
      await sleep(100)
    }
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

function urlOf(server: string, database: string): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}
