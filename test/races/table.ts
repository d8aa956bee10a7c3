import { connectionsFor } from './race.ts'
import { RACES } from './races.ts'
import { line, sum } from './row.ts'
import { openStage } from './stage.ts'

// Runs every race and prints what came of it; `outcomes` are those seen, of those allowed.
// Argument: a part of the names of the races to run.

const [part = ''] = process.argv.slice(2)
const endings: (() => unknown)[] = []
const begun = performance.now()
const stage = await openStage({ teardown: (end) => endings.unshift(end) }, connectionsFor(RACES))
try {
  console.log(line('race', 'rounds', 'callers', 'outcomes', 'violations', 'deadlocks', '40001', 'ms a round'))
  for (const race of RACES.filter(({ name }) => name.includes(part))) {
    const { rounds, outcomes, violations, deadlocks, serializationFailures, milliseconds } =
      await race.run(stage)
    const seen = `${race.serial.filter((outcome) => outcomes.has(outcome)).length}/${race.serial.length}`
    const failures = [sum(violations), deadlocks, serializationFailures]
    console.log(line(race.name, rounds, race.callers, seen, ...failures, milliseconds.toFixed(1)))
    for (const [outcome, count] of violations) console.log(`    ${count} × ${outcome}`)
    if (violations.size > 0) process.exitCode = 1
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(0)
  console.log(`\n${seconds} s. PostgreSQL itself counted ${await stage.countDeadlocks()} deadlocks.`)
} finally {
  for (const end of endings) await end()
}
