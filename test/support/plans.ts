import type { Test } from 'tap'
import { type Database, openDatabase } from '../../src/db/client.ts'

/** PostgreSQL's report of a statement that it has run. */
export interface Execution {
  readonly statement: string
  /** Nodes of the plan, from the top. */
  readonly nodes: readonly Node[]
  /** Pages of 8 KiB that were read; one that is read twice counts twice. */
  readonly pages: number
  /** Rows that passed any node, counted each time: pages do not show what a loop in memory costs. */
  readonly rows: number
}

interface Node {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Join Filter'?: number
  readonly Plans?: readonly Node[]
}

export type PlanMode = 'force_generic_plan' | 'force_custom_plan'

/** A database with one connection that explains the statements that Muster really sends, while they run. */
export interface ExplainedDatabase extends Database {
  /** Executions since the last call. BEGIN and COMMIT have no plan, and are left out. */
  executions(): Execution[]
}

/** @param mode `force_generic_plan` ignores the parameters, as PostgreSQL comes to do for a prepared statement. */
export function openExplained(
  t: Pick<Test, 'teardown'>,
  databaseUrl: string,
  mode: PlanMode,
): ExplainedDatabase {
  const settings = { ...AUTO_EXPLAIN, plan_cache_mode: mode }
  const url = new URL(databaseUrl)
  url.searchParams.set(
    'options',
    Object.entries(settings)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
  )
  const db = openDatabase(url.href, 1)
  t.teardown(() => db.close())
  let heard: Execution[] = []
  db.pool.on('connect', (client) =>
    client.on('notice', ({ message = '' }) => {
      if (message.startsWith('duration: ')) heard.push(executionOf(message))
    }),
  )
  return {
    ...db,
    executions: () => {
      const executions = heard
      heard = []
      return executions
    },
  }
}

const AUTO_EXPLAIN = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': 0,
  'auto_explain.log_level': 'notice',
  'auto_explain.log_format': 'json',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_buffers': 'on',
}

/** Parses `duration: 0.123 ms  plan:`, and then JSON. */
function executionOf(message: string): Execution {
  const { 'Query Text': statement, Plan: top } = JSON.parse(message.slice(message.indexOf('{')))
  const nodes = nodesOf(top)
  return {
    statement,
    nodes,
    pages: top['Shared Hit Blocks'] + top['Shared Read Blocks'],
    rows: Math.round(nodes.map(rowsOf).reduce((sum, rows) => sum + rows, 0)),
  }
}

function nodesOf(node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)]
}

/** Multiplies by the loops, because PostgreSQL reports the average of one. */
function rowsOf(node: Node): number {
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Join Filter'] ?? 0)
  return (node['Actual Rows'] + removed) * node['Actual Loops']
}

/** Tables that the statement scans from one end to the other. */
export function tablesReadWhole({ nodes }: Execution): string[] {
  return nodes
    .filter((node) => node['Node Type'] === 'Seq Scan')
    .map((node) => node['Relation Name'] ?? 'a table')
}
