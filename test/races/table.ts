import { connectionsFor } from './race.ts'
import { RACES } from './races.ts'
import { HEAD, rowOf } from './row.ts'
import { openStage } from './stage.ts'

// Runs every race in its long form and prints the results.
// Argument: a part of the names of the races to run.

const [part = ''] = process.argv.slice(2)
const endings: (() => unknown)[] = []
const begun = performance.now()
const stage = await openStage({ teardown: (end) => endings.unshift(end) }, connectionsFor(RACES))
try {
  console.log(HEAD)
  for (const race of RACES.filter(({ name }) => name.includes(part))) {
    const result = await race.run(stage, race.rounds)
    console.log(rowOf(race, result))
    for (const [outcome, count] of result.violations) console.log(`    ${count} × ${outcome}`)
    if (result.violations.size > 0) process.exitCode = 1
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(0)
  console.log(`\n${seconds} s. PostgreSQL itself counted ${await stage.countDeadlocks()} deadlocks.`)
} finally {
  for (const end of endings) await end()
}
