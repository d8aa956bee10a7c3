import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { onStage, ROOT, stageMuster } from './contenders/stage.ts'
import { figure, median } from './figures/numbers.ts'
import { writePart } from './figures/performance-document.ts'
import { memoryOf } from './figures/process-figures.ts'
import { table } from './figures/table.ts'
import { Course } from './load/stint.ts'
import { NAMES, type OperationName, operationsOn } from './operations.ts'
import { USUAL } from './world.ts'

// Measures requests when twice as many come as can be answered: `npm run bench:overload -- invite --quick`.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    start: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})
const names: OperationName[] = NAMES.filter((name) =>
  (positionals.length > 0 ? positionals : ['check', 'invite']).includes(name),
)
const seconds = values.quick ? 3 : 10
// Callers that may wait at the same time. A request beyond them waits for one of them to be free.
const CALLERS = 500

await onStage(async (stage, open) => {
  const muster = await stageMuster(
    open,
    stage,
    { name: 'muster', checkout: ROOT, command: values.start },
    USUAL,
    1,
  )
  const { contender } = muster
  const rows: string[][] = []
  for (const operation of operationsOn(USUAL).filter(({ name }) => names.includes(name))) {
    const course = new Course(stage.load, stage.postgres.pid, contender, operation)
    const rates: number[] = []
    for (let n = 0; n < 4; n++) rates.push((await course.run({ connections: 32, seconds: seconds / 3 })).rate)
    const sustainable = median(rates.slice(1))
    const pace = { connections: CALLERS, seconds, mayRefuse: true }
    const half = await course.run({ ...pace, rate: sustainable / 2 })
    const watch = watchLivez(contender.server.port)
    const twice = await course.run({ ...pace, rate: sustainable * 2 })
    const livez = await watch.end()
    const after = await course.run({ ...pace, rate: sustainable / 2 })
    const offered = twice.answered + twice.refused
    rows.push([
      operation.title,
      figure(sustainable),
      `${figure(half.p50, 1)} / ${figure(half.p99, 1)}`,
      `${figure(twice.p50, 1)} / ${figure(twice.p99, 1)}`,
      figure(twice.p99 / half.p99, 1),
      figure(twice.rate),
      `${figure((twice.refused / offered) * 100)} %`,
      figure(twice.mute),
      `${livez.asked - livez.failed} of ${livez.asked}, ${figure(livez.longest)} ms`,
      `${figure(after.p50, 1)} / ${figure(after.p99, 1)}`,
      figure(memoryOf(contender.server.pid).now),
    ])
  }
  const text = table(
    [
      ...['', 'sustainable req/s', 'at half: p50 / p99 ms', 'at twice: answered p50 / p99 ms', 'times p99'],
      ...['answered req/s', '503', 'of them without Retry-After', 'livez answered, the slowest'],
      ...['at half again', 'MiB'],
    ],
    rows,
  )
  console.log(text)
  console.log('\nEverything acknowledged is in the database, and nothing that was refused.')
  if (values.write) writePart('Overload', text)
})

/** Asks ten times a second whether the service lives, and allows a second for the answer. */
function watchLivez(port: number) {
  const watched = { asked: 0, failed: 0, longest: 0 }
  let ending = false
  const asking = (async () => {
    while (!ending) {
      const begun = performance.now()
      const lives = await fetch(`http://127.0.0.1:${port}/livez`, {
        signal: AbortSignal.timeout(1_000),
      }).then(
        async (response) => response.ok && (await response.arrayBuffer()) !== undefined,
        () => false,
      )
      watched.asked += 1
      if (!lives) watched.failed += 1
      watched.longest = Math.max(watched.longest, performance.now() - begun)
      await sleep(100)
    }
  })()
  return {
    end: async () => {
      ending = true
      await asking
      return watched
    },
  }
}
