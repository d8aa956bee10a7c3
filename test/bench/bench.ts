import { join } from 'node:path'
import { findPgbench } from './contenders/pgbench.ts'
import { onStage, ROOT, stageFloor, stageMuster, stagePeer } from './contenders/stage.ts'
import { writePart } from './figures/performance-document.ts'
import { tablesOf } from './figures/report.ts'
import { waitsOf } from './load/waits.ts'
import { hello, operationsOn } from './operations.ts'
import { readOptions } from './options.ts'
import { runRounds } from './rounds.ts'
import { USUAL } from './world.ts'

// Measures what the operations cost, in turns with other contenders. `npm run bench -- invite accept --quick` takes a
// minute for two of them; `--against ../other-checkout` measures that Muster too.

const options = readOptions(process.argv.slice(2))
const { quick, connections, rounds, slice } = options
const starts = quick ? 1 : 3

await onStage(async (stage, open) => {
  const { load, postgres, secret, folder } = stage
  const say = (words: string) => console.error(words)

  say('Planting, and starting who is measured')
  const muster = await stageMuster(
    open,
    stage,
    { name: 'muster', checkout: ROOT, command: options.start },
    USUAL,
    starts,
  )
  const floor = await stageFloor(open, stage, USUAL, starts)
  const { against } = options
  const rivals = [
    ...(against
      ? [await stageMuster(open, stage, { name: 'against', checkout: against }, USUAL, starts)]
      : []),
    ...(options.peer ? [await stagePeer(open, stage, USUAL, starts)] : []),
  ]
  const started = [muster, floor, ...rivals]

  const operations = operationsOn(USUAL).filter(({ name }) => options.operations.includes(name))
  const start = {
    name: 'muster',
    checkout: ROOT,
    command: options.start,
    secret,
    databaseUrl: muster.databaseUrl,
  }
  const waits = await waitsOf({ ...start, folder: join(folder, 'muster') }, USUAL, operations)

  const pgbench = quick ? undefined : findPgbench(floor.contender, floor.databaseUrl, USUAL, folder)
  if (!quick && !pgbench) say('There is no pgbench on the PATH: the limit stays unknown')
  say(`${rounds} rounds of ${operations.length} operations`)
  const { heats, memory } = await runRounds(
    load,
    postgres.pid,
    started.map(({ contender }) => contender),
    quick ? operations : [hello(USUAL), ...operations],
    { connections, rounds, slice, paced: quick ? 0 : 3, pgbench },
  )
  const text = tablesOf({ heats, started, memory, waits, connections, postgres: postgres.version })
  console.log(text)
  if (options.write) writePart('What each operation costs', text)
})
