import { DrizzleQueryError } from 'drizzle-orm'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import { Client, DatabaseError, Pool, type PoolClient } from 'pg'

declare const inTransaction: unique symbol

/** Whatever can run a statement: the pool, or a transaction. How to begin one is `Db`'s to know. */
export type Sql = Omit<NodePgDatabase, 'transaction'>

/** A statement runner inside an open transaction. What takes a lock asks for one of these. */
export type Tx = Sql & { readonly [inTransaction]: true }

export interface Db {
  /** Single statements, each on whatever connection is free. */
  readonly sql: Sql
  /** Commits when `work` resolves, rolls back when it rejects. Inside another transaction: a part of it. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
}

/** A pool, and how to end it. Ending waits for what runs. */
export interface Database extends Db {
  readonly pool: Pool
  close(): Promise<void>
}

/**
 * @param size connections at most. When all are busy for two seconds the caller gets an error that
 *   `isUnavailable` knows, and so does everybody while the database is away.
 */
export function openDatabase(url: string, size: number): Database {
  const pool = new Pool({
    connectionString: url,
    max: size,
    application_name: 'muster',
    connectionTimeoutMillis: 2_000,
    lock_timeout: 1_800,
    statement_timeout: 2_000,
    // On this side too: a server that has stopped cannot tell the time.
    query_timeout: 2_300,
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
  })
  // A connection that breaks is replaced at its next use; without listeners it would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return {
    pool,
    sql: drizzle(pool),
    transaction: (work) => onOneConnection(pool, work),
    close: () => pool.end(),
  }
}

/** All that `work` reads is of one moment, however long it takes. On a connection of its own; nothing can be written. */
export async function inSnapshot(url: string, work: (tx: Tx) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url, application_name: 'muster' })
  await client.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    await work(drizzle(client) as unknown as Tx)
  } finally {
    await client.end()
  }
}

/** The open transaction as a `Db`: whoever begins one in it becomes part of it, and fails with it. */
export function joined(tx: Tx): Db {
  return { sql: tx, transaction: (work) => work(tx) }
}

/**
 * For who goes on after a part of a transaction has failed: what that part did is undone. Not Drizzle's `transaction`,
 * which on a connection of ours would send a second BEGIN, and with its COMMIT end the first.
 */
export async function atSavepoint<T>(tx: Tx, work: () => Promise<T>): Promise<T> {
  await tx.execute('savepoint part')
  try {
    const result = await work()
    await tx.execute('release savepoint part')
    return result
  } catch (error) {
    if (!isLost(error)) {
      await tx.execute('rollback to savepoint part')
      await tx.execute('release savepoint part')
    }
    throw error
  }
}

async function onOneConnection<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  const begun = performance.now()
  // A connection whose state is unknown is closed, which rolls back too.
  let broken = false
  try {
    await client.query('begin')
    const result = await work(drizzle(client) as unknown as Tx)
    if (performance.now() - begun > LONGEST) throw new Error(TOO_LONG)
    await commit(client)
    return result
  } catch (error) {
    broken =
      isLost(error) ||
      (await client.query('rollback').then(
        () => false,
        () => true,
      ))
    throw error
  } finally {
    client.release(broken)
  }
}

// Milliseconds. Whoever was told 503 after ten seconds was told the truth: nothing commits that late.
const LONGEST = 8_000
const TOO_LONG = 'the transaction took too long to be committed'

/** PostgreSQL answers `COMMIT` with `ROLLBACK`, and no error, when a statement before it failed and was swallowed. */
async function commit(client: PoolClient): Promise<void> {
  const { command } = await client.query('commit')
  if (command !== 'COMMIT') throw new Error(`the transaction ended with ${command}`)
}

/**
 * A hot statement: built once for each pool, and planned once for each connection, under the name that `build` gives
 * it. What changes from call to call is a `sql.placeholder`.
 */
export function prepared<Statement extends object>(build: (sql: Sql) => Statement): (sql: Sql) => Statement {
  const built = new WeakMap<Sql, Statement>()
  return (sql) => {
    const statement = built.get(sql) ?? build(sql)
    built.set(sql, statement)
    return statement
  }
}

/** The one row of a statement that always answers one. */
export function theOne<T>(row: T | undefined): T {
  if (row === undefined) throw new Error('a statement that always answers a row answered none')
  return row
}

/** The constraint that a failed statement ran into (SQLSTATE class 23), if that is why it failed. */
export function violatedConstraint(error: unknown): string | undefined {
  const cause = causeOf(error)
  return cause instanceof DatabaseError && cause.code?.startsWith('23') ? cause.constraint : undefined
}

/** Why a value cannot be kept (SQLSTATE classes 22 and 23), in PostgreSQL's words without the value; or undefined. */
export function refusedValue(error: unknown): string | undefined {
  const cause = causeOf(error)
  return cause instanceof DatabaseError && /^2[23]/.test(cause.code ?? '')
    ? `the database refuses it (${cause.code}${cause.constraint ? `, ${cause.constraint}` : ''})`
    : undefined
}

/** True for a statement, or a transaction, that was more than fits into its time. */
export function tookTooLong(error: unknown): boolean {
  const cause = causeOf(error)
  return (
    (cause instanceof DatabaseError && cause.code === '57014') ||
    (cause instanceof Error && cause.message === TOO_LONG)
  )
}

/** True for an error that says nothing of the request: the database is away, full, or too slow. Try again later. */
export function isUnavailable(error: unknown): boolean {
  const cause = causeOf(error)
  if (cause instanceof Error && cause.message === TOO_LONG) return true
  return isLost(error) || (cause instanceof DatabaseError && UNAVAILABLE_STATES.test(cause.code ?? ''))
}

/** True for an error that PostgreSQL chose the transaction for, of two that waited for each other. */
export function isDeadlock(error: unknown): boolean {
  const cause = causeOf(error)
  return cause instanceof DatabaseError && cause.code === '40P01'
}

/** True when there is no telling what the connection is in the middle of. */
function isLost(error: unknown): boolean {
  const cause = causeOf(error)
  return (
    cause instanceof Error &&
    !(cause instanceof DatabaseError) &&
    ('syscall' in cause || LOST.test(cause.message))
  )
}

/** An error to be told of: PostgreSQL's, whose message does not repeat the statement and its parameters. */
export function withoutParameters(error: unknown): Error {
  const cause = causeOf(error)
  return cause instanceof Error ? cause : new Error('something failed that is no error')
}

/** What is beneath Drizzle's error, which repeats the statement and its parameters. */
export function causeOf(error: unknown): unknown {
  return error instanceof DrizzleQueryError ? error.cause : error
}

// Connection and operator trouble, no resources, lock and statement timeouts, deadlock, serialisation failure; tables
// that a migration has yet to make.
const UNAVAILABLE_STATES = /^(08...|53...|57...|55P03|25P03|40P01|40001|42P01|3F000)$/
// What `pg` says without a code.
const LOST =
  /timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|Query read timeout|Cannot use a pool after calling end/
