import type { Test } from 'tap'
import { type Database, openDatabase } from '../../src/db/client.ts'

/** What PostgreSQL says of a statement that it has run. */
export interface Execution {
  readonly statement: string
  /** The nodes of the plan, from the top. */
  readonly nodes: readonly Node[]
  /** Pages of 8 KiB that were looked at, each as often as it was. */
  readonly pages: number
  /** Rows that any node came by, each as often as it did: what a loop in memory costs is not told by pages. */
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

/** One connection whose statements are explained while they run: the very ones that Muster sends. */
export interface ExplainedDatabase extends Database {
  /** What has run since the last time somebody asked. BEGIN and COMMIT have no plan, and are not among it. */
  executions(): Execution[]
}

/** @param mode `force_generic_plan`: without a look at the parameters, as a prepared statement comes to be planned. */
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

/** `duration: 0.123 ms  plan:`, and then JSON. */
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

/** PostgreSQL tells them as an average of the loops. */
function rowsOf(node: Node): number {
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Join Filter'] ?? 0)
  return (node['Actual Rows'] + removed) * node['Actual Loops']
}

/** Tables that the statement reads from one end to the other. */
export function tablesReadWhole({ nodes }: Execution): string[] {
  return nodes
    .filter((node) => node['Node Type'] === 'Seq Scan')
    .map((node) => node['Relation Name'] ?? 'a table')
}
