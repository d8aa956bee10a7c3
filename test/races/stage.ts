import type { Test } from 'tap'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { type Muster, startMuster } from '../support/muster.ts'
import { PATIENT } from '../support/postgres.ts'

/** Where races run: Muster on a database of its own, and a connection for each caller, opened beforehand. */
export interface Stage {
  readonly muster: Muster
  readonly connections: readonly Database[]
  /** How many deadlocks PostgreSQL itself has counted on the connections. */
  countDeadlocks(): Promise<number>
}

/** @param size how many connections there are. */
export async function openStage(ending: Pick<Test, 'teardown'>, size: number): Promise<Stage> {
  const muster = await startMuster(ending as Test)
  const connections = Array.from({ length: size }, () => openDatabase(muster.databaseUrl, 1, PATIENT))
  ending.teardown(() => Promise.all(connections.map((connection) => connection.close())))
  return { muster, connections, countDeadlocks: () => countDeadlocks(muster.db, connections) }
}

/** A backend keeps its figures for a while, unless told to hand them over with its next answer. */
async function countDeadlocks({ pool }: Database, connections: readonly Database[]): Promise<number> {
  await Promise.all(
    connections.map((connection) => connection.pool.query('select pg_stat_force_next_flush()')),
  )
  const { rows } = await pool.query<{ deadlocks: number }>(
    'select deadlocks::int from pg_stat_database where datname = current_database()',
  )
  return rows[0]?.deadlocks ?? Number.NaN
}
