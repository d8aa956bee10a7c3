import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { drizzle } from 'drizzle-orm/node-postgres'
import { Client } from 'pg'
import type { Sql } from './client.ts'
import { isDeadlock } from './errors.ts'

const JOURNAL = fileURLToPath(import.meta.resolve('#migrations/meta/_journal.json'))
const ONE_AT_A_TIME = 7_229_610_843

/**
 * Brings the database to this version: Muster's tables, and the job queue's.
 * Safe to run from many processes at once: one works, the others wait and find it done.
 */
export async function migrate(url: string): Promise<void> {
  // Loaded here: a normal start only checks whether the migrations were applied.
  const { migrate: applyMigrations } = await import('drizzle-orm/node-postgres/migrator')
  const { runMigrations } = await import('graphile-worker')
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [ONE_AT_A_TIME])
    await withoutDeadlock(() =>
      applyMigrations(drizzle(client), { migrationsFolder: join(dirname(JOURNAL), '..') }),
    )
    await runMigrations({ connectionString: url })
  } finally {
    await client.end()
  }
}

/**
 * Tries again after a deadlock: a request may hold one of two tables that a migration changes, and wait for the other.
 * A failed try leaves nothing behind.
 */
async function withoutDeadlock(work: () => Promise<void>, tries = 5): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (tries === 1 || !isDeadlock(error)) throw error
    await withoutDeadlock(work, tries - 1)
  }
}

/** True when every migration of this version has been applied. */
export async function isMigrated(sql: Sql): Promise<boolean> {
  const [begun] = await rowsOf(sql, "select to_regclass('drizzle.__drizzle_migrations') is not null as yes")
  if (!begun?.yes) return false
  const [applied] = await rowsOf(
    sql,
    `select exists (select from drizzle.__drizzle_migrations where created_at >= ${await newestMigration()})
       and to_regclass('graphile_worker._private_jobs') is not null as yes`,
  )
  return applied?.yes === true
}

async function rowsOf(sql: Sql, statement: string): Promise<{ yes: boolean }[]> {
  return (await sql.execute<{ yes: boolean }>(statement)).rows
}

async function newestMigration(): Promise<number> {
  const journal: { entries: { when: number }[] } = JSON.parse(await readFile(JOURNAL, 'utf8'))
  return Math.max(...journal.entries.map(({ when }) => when))
}
