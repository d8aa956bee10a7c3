import type { Contender } from './contenders/contender.ts'
import type { Pgbench } from './contenders/pgbench.ts'
import { median } from './figures/numbers.ts'
import { memoryOf } from './figures/process-figures.ts'
import type { Load } from './load/load.ts'
import { Course, type Stint } from './load/stint.ts'
import type { Operation } from './operations.ts'

/** Results of one contender at one operation, stint by stint. */
export interface Result {
  readonly contender: string
  readonly full: readonly Stint[]
  /** Stints at 85 % of the median of `full`. */
  readonly paced: readonly Stint[]
}

export interface Heat {
  readonly operation: Operation
  readonly results: readonly Result[]
  /** Transactions a second of pgbench. */
  readonly limit: readonly number[]
}

export interface Plan {
  readonly connections: number
  readonly rounds: number
  /** Seconds of a slice. */
  readonly slice: number
  /** Number of stints at 85 %. */
  readonly paced: number
  readonly pgbench: Pgbench | undefined
}

const SHARE = 0.85

/**
 * Runs all operations round by round, and in each all contenders by turns, so that other load on the machine meets all
 * alike. The first round warms up, and does not count.
 */
export async function runRounds(
  load: Load,
  postgres: number,
  contenders: readonly Contender[],
  operations: readonly Operation[],
  { connections, rounds, slice, paced, pgbench }: Plan,
): Promise<{ heats: Heat[]; memory: Map<string, number> }> {
  const memory = new Map<string, number>()
  const heats = operations.map((operation) => ({
    operation,
    lanes: contenders
      .filter((contender) => contender.call(operation, 0))
      .map((contender) => ({
        course: new Course(load, postgres, contender, operation),
        full: [] as Stint[],
        paced: [] as Stint[],
      })),
    limit: [] as number[],
  }))
  for (let round = 0; round <= rounds; round++)
    for (const { operation, lanes, limit } of heats) {
      for (const { course, full } of round % 2 ? lanes : lanes.toReversed()) {
        const stint = await course.run({ connections, seconds: round === 0 ? Math.min(slice, 1) : slice })
        const { name, server } = course.contender
        memory.set(name, Math.max(memory.get(name) ?? 0, memoryOf(server.pid).now))
        if (round > 0) full.push(stint)
      }
      if (pgbench && round > 0) {
        const rate = await pgbench.run(operation.name, connections, 1)
        if (rate > 0) limit.push(rate)
      }
    }
  for (let round = 0; round < paced; round++)
    for (const { lanes } of heats)
      for (const { course, full, paced } of round % 2 ? lanes : lanes.toReversed()) {
        const rate = SHARE * median(full.map((stint) => stint.rate))
        // If the machine has slowed down since, 85 % is too much, and some are refused.
        paced.push(await course.run({ connections, seconds: slice, rate, mayRefuse: true }))
      }
  return {
    heats: heats.map(({ operation, lanes, limit }) => ({
      operation,
      limit,
      results: lanes.map(({ course, full, paced }) => ({ contender: course.contender.name, full, paced })),
    })),
    memory,
  }
}
