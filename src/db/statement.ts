import type { SQL } from 'drizzle-orm'
import { PgDatabase, PgDialect } from 'drizzle-orm/pg-core'
import type { QueryResult } from 'pg'
import type { Sql } from './client.ts'
import { type Compiled, CompilingSession, sender, type Values } from './compiled.ts'

// Builds each statement once for the process. PostgreSQL parses and plans it once for each connection, under its name.
// PgBouncer 1.21 and later keeps the names of its clients apart in transaction mode.

/** A query of Drizzle's builder. */
interface Query<R> {
  prepare(name: string): { execute(values?: Record<string, unknown>): Promise<R> }
}

/** Wraps a query of `BUILDER`, which prepares it as a `Compiled`. */
function compiled<R>(query: Query<R>, name: string): (sql: Sql, values: Values) => Promise<R> {
  const statement = query.prepare(name) as unknown as Compiled
  return ({ $client }, values) => statement.run($client, values) as Promise<R>
}

/** @param name unique in the process, at most 63 characters. */
export function prepared<R>(
  name: string,
  build: (db: Sql) => Query<R>,
): (sql: Sql, values?: Values) => Promise<R> {
  claim(name)
  let run: ReturnType<typeof compiled<R>> | undefined
  return (sql, values = {}) => {
    run ??= compiled(build(BUILDER), name)
    return run(sql, values)
  }
}

/**
 * Does the same for a statement whose text depends on which values are set. A filter that is not set is left out of the
 * text, and so of the plan. Each combination of set values has a statement of its own.
 */
export function preparedForGiven<V extends object, R>(
  name: string,
  build: (db: Sql, given: ReadonlySet<keyof V>) => Query<R>,
): (sql: Sql, values: V) => Promise<R> {
  claim(name)
  const built = new Map<string, ReturnType<typeof compiled<R>>>()
  return (sql, values) => {
    const given = Object.keys(values).filter((key) => values[key as keyof V] !== undefined)
    const key = given.sort().join()
    // Numbered: PostgreSQL compares only the first 63 characters of a name, and these are long.
    const run =
      built.get(key) ?? compiled(build(BUILDER, new Set(given as (keyof V)[])), `${name} ${built.size + 1}`)
    built.set(key, run)
    return run(sql, values as Values)
  }
}

type RunText<Row extends object> = (sql: Sql, values?: Values) => Promise<QueryResult<Row>>

/** Does the same for a statement that is one text. `pg` reads the rows, under the names that the text gives. */
export function preparedText<Row extends object>(name: string, text: SQL): RunText<Row> {
  claim(name)
  return runText(text, { name })
}

/**
 * Runs a statement over a few rows or thousands. It has no name, so PostgreSQL plans it for what it is given each time:
 * a plan made for a few rows compares each of thousands with all others.
 */
export function bulkText<Row extends object>(text: SQL): RunText<Row> {
  return runText(text, {})
}

function runText<Row extends object>(text: SQL, named: { readonly name?: string }): RunText<Row> {
  let send: ReturnType<typeof sender> | undefined
  return ({ $client }, values = {}) => {
    send ??= senderOf(text, named)
    return send($client, values)
  }
}

function senderOf(text: SQL, named: { readonly name?: string }) {
  const { sql, params } = new PgDialect().sqlToQuery(text)
  return sender({ ...named, text: sql }, params)
}

const names = new Set<string>()

function claim(name: string): void {
  if (names.has(name)) throw new Error(`there are two statements called ${name}`)
  names.add(name)
}

const BUILDER = new PgDatabase(new PgDialect(), new CompilingSession() as never, undefined) as unknown as Sql
