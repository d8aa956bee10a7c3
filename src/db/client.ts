import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import { Client, Pool, type PoolClient, type QueryConfig, type QueryResult } from 'pg'
import { isLost, Overtaken, TOO_LONG } from './errors.ts'
import { flightsOn } from './flights.ts'
import { Reads } from './reads.ts'

declare const inTransaction: unique symbol

/** A pool, or one of its connections. */
export interface Queryable {
  query(config: string | QueryConfig, values?: unknown[]): Promise<QueryResult>
}

/** Runs statements: the pool, or a transaction. Only `Db` can begin a transaction. */
export type Sql = Omit<NodePgDatabase, 'transaction'> & { readonly $client: Queryable }

/** Runs statements inside an open transaction. A function that takes a lock requires one. */
export type Tx = Sql & { readonly [inTransaction]: true }

export interface Db {
  /** Runs single statements, each on any free connection. */
  readonly sql: Sql
  /** Commits when `work` resolves, rolls back when it rejects. Inside another transaction it becomes a part of it. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
}

/** A database with its pool. `close` waits for what still runs. */
export interface Database extends Db {
  readonly pool: Pool
  close(): Promise<void>
}

/** Milliseconds that a caller waits for the database. */
export const PATIENCE = 2_000

/**
 * @param size maximum number of connections. When all are busy for two seconds, or while the database is away, a caller
 *   gets an error that `isUnavailable` recognises.
 * @param patience replaces `PATIENCE` in tests that are not about it, for a busy machine.
 */
export function openDatabase(url: string, size: number, patience = PATIENCE): Database {
  const pool = new Pool({
    connectionString: url,
    max: size,
    application_name: 'muster',
    connectionTimeoutMillis: patience,
    lock_timeout: patience - 200,
    statement_timeout: patience,
    // Times out on this side too: a server that has stopped cannot.
    query_timeout: patience + 300,
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
    // Lets statements that are sent together travel together; see `together`.
    pipeline: true,
  })
  // A broken connection is replaced at its next use. Without listeners its error would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return {
    pool,
    sql: drizzle(new Reads(pool) as never) as unknown as Sql,
    transaction: (work) => onOneConnection(pool, work, 4 * patience),
    close: () => pool.end(),
  }
}

const TRIES = 10

/** Begins the transaction again whenever it was overtaken. @throws Overtaken when all ten tries were. */
export async function untilNotOvertaken<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++)
    try {
      return await db.transaction(work)
    } catch (error) {
      if (!(error instanceof Overtaken) || tries === TRIES) throw error
    }
}

/** Gives `work` one snapshot for all its reads, however long it takes. Uses a read-only connection of its own. */
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

/** Presents the open transaction as a `Db`. A transaction begun in it becomes part of it, and fails with it. */
export function joined(tx: Tx): Db {
  return { sql: tx, transaction: (work) => work(tx) }
}

/**
 * Runs `work` in a savepoint. When it fails, its changes are undone and the caller can go on. Does not use Drizzle's
 * `transaction`: on our connection it would send a second BEGIN, and its COMMIT would end the first.
 */
export async function atSavepoint<T>(tx: Tx, work: () => Promise<T>): Promise<T> {
  try {
    const [, result] = await together(tx.$client.query('savepoint part'), work())
    await tx.$client.query('release savepoint part')
    return result
  } catch (error) {
    if (!isLost(error)) await tx.$client.query('rollback to savepoint part; release savepoint part')
    throw error
  }
}

/**
 * Rolls back rather than commit late: a caller who got 503 after ten seconds was told the truth.
 *
 * @param longest milliseconds that the transaction may take.
 */
async function onOneConnection<T>(pool: Pool, work: (tx: Tx) => Promise<T>, longest: number): Promise<T> {
  const client = await pool.connect()
  const tx = transactionOn(client)
  const begun = performance.now()
  // A connection whose state is unknown is closed, which rolls back too.
  let broken = false
  try {
    // BEGIN travels with the first statements of the work. It fails only when the connection is lost, and so do they.
    const [, result] = await together(tx.$client.query('begin'), work(tx))
    if (performance.now() - begun > longest) throw new Error(TOO_LONG)
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

const transactions = new WeakMap<PoolClient, Tx>()

function transactionOn(client: PoolClient): Tx {
  const tx = transactions.get(client) ?? (drizzle(flightsOn(client) as never) as unknown as Tx)
  transactions.set(client, tx)
  return tx
}

/**
 * Waits once for statements that were sent together. They travel in one flight, and PostgreSQL runs them in the order
 * of the calls. Works for prepared statements, which are sent when they are called; Drizzle sends others a moment
 * later. When several fail, throws the first error: the later ones only say that the transaction has failed.
 */
export async function together<const T extends readonly unknown[]>(
  ...sent: T
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const answers = (await Promise.allSettled(sent)).map((answer) => {
    if (answer.status === 'rejected') throw answer.reason
    return answer.value
  })
  return answers as { -readonly [K in keyof T]: Awaited<T[K]> }
}

/** PostgreSQL answers `COMMIT` with `ROLLBACK`, and no error, when a statement before it failed and was swallowed. */
async function commit(client: PoolClient): Promise<void> {
  const { command } = await client.query('commit')
  if (command !== 'COMMIT') throw new Error(`the transaction ended with ${command}`)
}

/** Returns the one row of a statement that always returns one. */
export function theOne<T>(row: T | undefined): T {
  if (row === undefined) throw new Error('a statement that always returns a row returned none')
  return row
}
