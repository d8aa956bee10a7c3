import { and, eq, sql } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import type { Test } from 'tap'
import { type Database, openDatabase, type Sql } from '../../src/db/client.ts'
import { prepared, preparedForGiven, preparedText } from '../../src/db/statement.ts'
import { cloneDatabase } from '../support/postgres.ts'

// A table of no meaning, and a prepared statement of each kind on it.

export const things = pgTable('things', { id: integer('id').primaryKey(), name: text('name').notNull() })

export const echoed = preparedText<{ word: string }>(
  'echo',
  sql`select ${sql.placeholder('word')}::text as word`,
)

export const inserted = prepared('insert_thing', (db) =>
  db
    .insert(things)
    .values({ id: sql.placeholder('id'), name: sql.placeholder('name') })
    .returning(),
)

export const named = prepared('thing', (db) =>
  db
    .select({ name: things.name, twice: sql<string>`${things.name} || ${sql.placeholder('word')}::text` })
    .from(things)
    .where(eq(things.id, sql.placeholder('id'))),
)

export const connection = prepared('connection', (db) =>
  db.select({ pid: sql<number>`pg_backend_pid()` }).from(sql`(values (1)) as one`),
)

export interface Filter {
  readonly id?: number | undefined
  readonly name?: string | undefined
  readonly word: string
}

export const filtered = preparedForGiven<Filter, { id: number; word: string }[]>('things', (db, given) =>
  db
    .select({ id: things.id, word: sql<string>`${sql.placeholder('word')}::text` })
    .from(things)
    .where(
      and(
        given.has('id') ? eq(things.id, sql.placeholder('id')) : undefined,
        given.has('name') ? eq(things.name, sql.placeholder('name')) : undefined,
      ),
    )
    .orderBy(things.id),
)

/** Answers its URL. */
export async function databaseWithThings(t: Pick<Test, 'teardown'>): Promise<string> {
  const url = await cloneDatabase(t)
  const { pool } = open(t, url, 1)
  await pool.query('create table things (id int primary key, name text not null)')
  await pool.query("insert into things values (1, 'one'), (2, 'two')")
  return url
}

export function open(t: Pick<Test, 'teardown'>, url: string, size: number): Database {
  const db = openDatabase(url, size)
  t.teardown(() => db.close())
  return db
}

/** Of a database with one connection, or in a transaction: who answers there, asked without a prepared statement. */
export async function pidIn({ $client }: Pick<Sql, '$client'>): Promise<number> {
  const { rows } = await $client.query('select pg_backend_pid() as pid')
  return rows[0].pid
}
