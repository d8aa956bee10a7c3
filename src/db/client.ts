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

/** Whatever can run a statement: the pool, or a transaction. How to begin one is `Db`'s to know. */
export type Sql = Omit<NodePgDatabase, 'transaction'> & { readonly $client: Queryable }

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

/** Milliseconds that anybody waits for the database. */
export const PATIENCE = 2_000

/**
 * @param size connections at most. When all are busy for two seconds the caller gets an error that
 *   `isUnavailable` knows, and so does everybody while the database is away.
 * @param patience another one than `PATIENCE`: for tests that are not about it, on a machine that is busy.
 */
export function openDatabase(url: string, size: number, patience = PATIENCE): Database {
  const pool = new Pool({
    connectionString: url,
    max: size,
    application_name: 'muster',
    connectionTimeoutMillis: patience,
    lock_timeout: patience - 200,
    statement_timeout: patience,
    // On this side too: a server that has stopped cannot tell the time.
    query_timeout: patience + 300,
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
    // Statements that are sent together travel together; see `together`.
    pipeline: true,
  })
  // A connection that breaks is replaced at its next use; without listeners it would end the process.
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

/** A transaction that begins anew when it was overtaken. @throws Overtaken when each of ten tries was. */
export async function untilNotOvertaken<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++)
    try {
      return await db.transaction(work)
    } catch (error) {
      if (!(error instanceof Overtaken) || tries === TRIES) throw error
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
  try {
    const [, result] = await together(tx.$client.query('savepoint part'), work())
    await tx.$client.query('release savepoint part')
    return result
  } catch (error) {
    if (!isLost(error)) await tx.$client.query('rollback to savepoint part; release savepoint part')
    throw error
  }
}

/** @param longest milliseconds. Whoever was told 503 after ten seconds was told the truth: nothing commits that late. */
async function onOneConnection<T>(pool: Pool, work: (tx: Tx) => Promise<T>, longest: number): Promise<T> {
  const client = await pool.connect()
  const tx = transactionOn(client)
  const begun = performance.now()
  // A connection whose state is unknown is closed, which rolls back too.
  let broken = false
  try {
    // BEGIN travels with the first statements of the work. Only a lost connection refuses it, and that refuses them too.
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
 * Waits once for statements that were sent together: they travel in one flight, and PostgreSQL runs them in the order
 * of the calls. For prepared statements, which are sent when they are called; Drizzle sends others a moment later.
 * Of several that fail the first one is told; those behind it only say that the transaction has failed.
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

/** The one row of a statement that always answers one. */
export function theOne<T>(row: T | undefined): T {
  if (row === undefined) throw new Error('a statement that always answers a row answered none')
  return row
}
