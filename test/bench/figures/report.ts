import { availableParallelism, cpus } from 'node:os'
import type { Waits } from '../../support/round-trips.ts'
import type { Started } from '../contenders/stage.ts'
import type { Stint } from '../load/stint.ts'
import type { OperationName } from '../operations.ts'
import type { Heat, Result } from '../rounds.ts'
import { figure, median, spreadOf, withSpread } from './numbers.ts'
import { table } from './table.ts'

/** All results of a run. The first contender is Muster; `floor` is among them. */
export interface Report {
  readonly heats: readonly Heat[]
  readonly started: readonly Started[]
  readonly memory: ReadonlyMap<string, number>
  readonly waits: ReadonlyMap<OperationName, Waits>
  readonly connections: number
  readonly postgres: string
}

/** Tables in Markdown. */
export function tablesOf(report: Report): string {
  return [
    `${availableParallelism()} cores (${cpus()[0]?.model}), Node ${process.versions.node}, PostgreSQL ${report.postgres} with fsync on, ${report.connections} connections. Medians of the rounds, and in brackets the lowest and the highest.`,
    '### Requests a second',
    rates(report),
    '### Milliseconds until the answer, at full load and at 85 % of it: p50 / p99',
    latencies(report),
    '### Milliseconds of CPU for a request, of the server and of PostgreSQL',
    costs(report),
    '### Start and memory',
    starts(report),
  ].join('\n\n')
}

function rates({ heats, started }: Report): string {
  const names = started.map(({ contender }) => contender.name)
  const others = names.slice(1)
  const hasLimit = heats.some(({ limit }) => limit.length > 0)
  return table(
    ['', names[0] ?? '', ...others.flatMap((name) => [`of ${name}`, name]), ...(hasLimit ? ['pgbench'] : [])],
    heats.map((heat) => {
      const { operation, results, limit } = heat
      const muster = results.find(({ contender }) => contender === names[0])
      return [
        operation.decisions ? `${operation.title} (× ${operation.decisions} decisions)` : operation.title,
        rateOf(muster),
        ...others.flatMap((name) => {
          const other = results.find(({ contender }) => contender === name)
          return [ratioOf(muster, other), rateOf(other)]
        }),
        ...(hasLimit ? [limit.length > 0 ? withSpread(spreadOf(limit)) : '–'] : []),
      ]
    }),
  )
}

function rateOf(result: Result | undefined): string {
  return result ? withSpread(spreadOf(result.full.map(({ rate }) => rate))) : '–'
}

/** Compares round by round, because what happens to one contender then happens to the other. */
function ratioOf(one: Result | undefined, other: Result | undefined): string {
  const ratios = one?.full.map(({ rate }, n) => rate / (other?.full[n]?.rate ?? Number.NaN)) ?? []
  return one && other ? withSpread(spreadOf(ratios), 2) : '–'
}

function latencies({ heats, started }: Report): string {
  const names = started.map(({ contender }) => contender.name)
  const both = (stints: readonly Stint[] = []) => {
    if (stints.length === 0) return '–'
    const [p50, p99] = [stints.map((stint) => stint.p50), stints.map((stint) => stint.p99)]
    const refused = stints.reduce((sum, stint) => sum + stint.refused, 0)
    return `${figure(median(p50), 1)} / ${figure(median(p99), 1)}${refused ? `, ${refused} × 503` : ''}`
  }
  return table(
    ['', ...names.flatMap((name) => [name, 'at 85 %'])],
    heats.map(({ operation, results }) => [
      operation.title,
      ...names.flatMap((name) => {
        const result = results.find(({ contender }) => contender === name)
        return [both(result?.full), both(result?.paced)]
      }),
    ]),
  )
}

function costs({ heats, started, waits }: Report): string {
  const names = started.map(({ contender }) => contender.name)
  return table(
    ['', ...names, 'round trips', 'statements'],
    heats.map(({ operation, results }) => {
      const counted = waits.get(operation.name)
      return [
        operation.title,
        ...names.map((name) => {
          const stints = results.find(({ contender }) => contender === name)?.full ?? []
          const of = (what: 'serverCpu' | 'postgresCpu') =>
            figure(median(stints.map((stint) => stint[what])), 2)
          return stints.length > 0 ? `${of('serverCpu')} + ${of('postgresCpu')}` : '–'
        }),
        figure(counted?.roundTrips),
        figure(counted?.statements),
      ]
    }),
  )
}

function starts({ started, memory }: Report): string {
  return table(
    ['', 'ready after ms', 'MiB idle', 'MiB under load, at most'],
    started.map(({ contender: { name }, readyAfter, idle }) => [
      name,
      figure(readyAfter),
      figure(idle),
      figure(memory.get(name)),
    ]),
  )
}
