import type { Test } from 'tap'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { type Muster, startMuster } from '../support/muster.ts'
import { PATIENT } from '../support/postgres.ts'

/** The place where races run: Muster on its own database, and a connection for each caller, opened beforehand. */
export interface Stage {
  readonly muster: Muster
  readonly connections: readonly Database[]
  /** Number of deadlocks that PostgreSQL itself has counted on the connections. */
  countDeadlocks(): Promise<number>
}

/** @param size number of connections. */
export async function openStage(ending: Pick<Test, 'teardown'>, size: number): Promise<Stage> {
  const muster = await startMuster(ending as Test)
  const connections = Array.from({ length: size }, () => openDatabase(muster.databaseUrl, 1, PATIENT))
  ending.teardown(() => Promise.all(connections.map((connection) => connection.close())))
  return { muster, connections, countDeadlocks: () => countDeadlocks(muster.db, connections) }
}

/** Asks each backend to flush its figures with its next answer: it otherwise keeps them for a while. */
async function countDeadlocks({ pool }: Database, connections: readonly Database[]): Promise<number> {
  await Promise.all(
    connections.map((connection) => connection.pool.query('select pg_stat_force_next_flush()')),
  )
  const { rows } = await pool.query<{ deadlocks: number }>(
    'select deadlocks::int from pg_stat_database where datname = current_database()',
  )
  return rows[0]?.deadlocks ?? Number.NaN
}
