import type { Race, Result } from './race.ts'

export const HEAD = line(
  'race',
  ...['rounds', 'callers', 'outcomes', 'violations', 'deadlocks', '40001', 'ms a round'],
)

/** Formats the result of a race; `outcomes` are those seen, of those allowed. */
export function rowOf({ name, serial, callers }: Race, result: Result): string {
  const { rounds, outcomes, violations, deadlocks, serializationFailures, milliseconds } = result
  const seen = `${serial.filter((outcome) => outcomes.has(outcome)).length}/${serial.length}`
  const failures = [sum(violations), deadlocks, serializationFailures]
  return line(name, rounds, callers, seen, ...failures, milliseconds.toFixed(1))
}

/** Formats one line of a table: a name, then figures in columns. */
export function line(name: string, ...figures: (string | number)[]): string {
  return name.padEnd(80) + figures.map((figure) => String(figure).padStart(11)).join('')
}

export function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0)
}
