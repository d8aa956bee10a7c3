import { fillPlaceholders, type SQL } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { QueryConfig, QueryResult } from 'pg'
import type { Queryable, Sql } from './client.ts'

// Statements that are built once for the process. Each has a name, under which PostgreSQL parses and plans it once for
// each connection. PgBouncer 1.21 and later keeps such names apart in transaction mode.

/** What is put in the place of each `sql.placeholder`, by its name. */
type Values = Readonly<Record<string, unknown>>

/** A query of Drizzle's builder. */
interface Query<R> {
  prepare(name: string): { execute(values?: Record<string, unknown>): Promise<R> }
}

/** @param name unique in the process, at most 63 characters. */
export function prepared<R>(
  name: string,
  build: (db: Sql) => Query<R>,
): (sql: Sql, values?: Values) => Promise<R> {
  claim(name)
  let statement: ReturnType<Query<R>['prepare']> | undefined
  return ({ $client }, values = {}) => {
    statement ??= build(BUILDER).prepare(name)
    return relay.to($client, statement, values)
  }
}

/**
 * The same for a statement whose text depends on which values are there: a filter that is not set leaves no trace in
 * it, and so none in its plan. There is one statement for each set of values.
 */
export function preparedForGiven<V extends object, R>(
  name: string,
  build: (db: Sql, given: ReadonlySet<keyof V>) => Query<R>,
): (sql: Sql, values: V) => Promise<R> {
  claim(name)
  const built = new Map<string, ReturnType<Query<R>['prepare']>>()
  return ({ $client }, values) => {
    const given = Object.keys(values).filter((key) => values[key as keyof V] !== undefined)
    const key = given.sort().join()
    // Numbered: PostgreSQL tells names apart by their first 63 characters, and these are long.
    const statement =
      built.get(key) ?? build(BUILDER, new Set(given as (keyof V)[])).prepare(`${name} ${built.size + 1}`)
    built.set(key, statement)
    return relay.to($client, statement, values as Values)
  }
}

type RunText<Row extends object> = (sql: Sql, values?: Values) => Promise<QueryResult<Row>>

/** The same for a statement that is one text. Rows are as `pg` reads them, under the names that the text gives. */
export function preparedText<Row extends object>(name: string, text: SQL): RunText<Row> {
  claim(name)
  return runText(text, { name })
}

/**
 * A statement over a few rows or thousands. It has no name, so PostgreSQL plans it for what it is given each time: a plan
 * that was made for a few compares each of thousands with all others.
 */
export function bulkText<Row extends object>(text: SQL): RunText<Row> {
  return runText(text, {})
}

function runText<Row extends object>(text: SQL, named: { readonly name?: string }): RunText<Row> {
  let built: ReturnType<PgDialect['sqlToQuery']> | undefined
  return ({ $client }, values = {}) => {
    built ??= new PgDialect().sqlToQuery(text)
    return $client.query({ ...named, text: built.sql, values: fillPlaceholders(built.params, values) })
  }
}

const names = new Set<string>()

function claim(name: string): void {
  if (names.has(name)) throw new Error(`there are two statements called ${name}`)
  names.add(name)
}

/** Drizzle binds a statement to a connection when it is built. This one passes each call on to the one that is meant. */
class Relay implements Queryable {
  #target: Queryable | undefined

  /** `execute` asks for its connection before it returns, so that calls cannot meet. */
  to<R>(target: Queryable, statement: ReturnType<Query<R>['prepare']>, values: Values): Promise<R> {
    this.#target = target
    try {
      return statement.execute(values)
    } finally {
      this.#target = undefined
    }
  }

  query(config: string | QueryConfig, values?: unknown[]): Promise<QueryResult> {
    if (!this.#target) throw new Error('a prepared statement was run without a connection')
    return this.#target.query(config, values)
  }
}

const relay = new Relay()
const BUILDER = drizzle(relay as never) as unknown as Sql
