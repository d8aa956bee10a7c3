import { parseArgs } from 'node:util'
import { onStage, ROOT, stageMuster } from './contenders/stage.ts'
import { figure, spreadOf, withSpread } from './figures/numbers.ts'
import { writePart } from './figures/performance-document.ts'
import { table } from './figures/table.ts'
import { Course, type Stint } from './load/stint.ts'
import { busyPerson, operationsOn } from './operations.ts'
import { EACH_IS_IN, type Size } from './world.ts'

// Measures what is left of the throughput of reads on a database a hundred times as large: two Musters side by side, on
// a small database and a large one. `npm run bench:growth -- --memberships 5000000 --quick`.

const { values } = parseArgs({
  options: {
    memberships: { type: 'string', default: '1000000' },
    quick: { type: 'boolean', default: false },
    start: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})
const SMALL: Size = { orgs: 2_000, trees: 500, large: 1_000, busy: 200 }
const orgs = Math.round(Number(values.memberships) / EACH_IS_IN)
const LARGE: Size = { orgs, trees: Math.min(orgs, 5_000), large: 1_000_000, busy: Math.min(orgs, 10_000) }
const READS = ['me', 'check', 'checks', 'members', 'orgs', 'preview']
const rounds = values.quick ? 3 : 9
const slice = values.quick ? 0.7 : 2

await onStage(async (stage, open) => {
  const begun = performance.now()
  const sides = []
  for (const [name, size] of [
    ['small', SMALL],
    ['large', LARGE],
  ] as const) {
    const { contender } = await stageMuster(
      open,
      stage,
      { name, checkout: ROOT, command: values.start },
      size,
      1,
    )
    const operations = operationsOn(size).filter((operation) => READS.includes(operation.name))
    sides.push(
      [...operations, ...busyPerson()].map((operation) => ({
        course: new Course(stage.load, stage.postgres.pid, contender, operation),
        stints: [] as Stint[],
      })),
    )
  }
  console.error(`Planted in ${figure((performance.now() - begun) / 1000)} s`)

  const [small = [], large = []] = sides
  for (let round = 0; round <= rounds; round++)
    for (const [n, lane] of small.entries()) {
      const other = large[n]
      for (const side of round % 2 ? [lane, other] : [other, lane]) {
        const stint = await side?.course.run({ connections: 32, seconds: slice })
        if (stint && round > 0) side?.stints.push(stint)
      }
    }

  const text = table(
    ['', 'req/s on the small one', 'on the large one', 'kept', "PostgreSQL's CPU ms", 'on the large one'],
    small.map(({ course, stints }, n) => {
      const others = large[n]?.stints ?? []
      const of = (which: readonly Stint[], what: 'rate' | 'postgresCpu') =>
        spreadOf(which.map((stint) => stint[what]))
      const kept = stints.map(({ rate }, round) => (others[round]?.rate ?? Number.NaN) / rate)
      return [
        course.operation.title,
        withSpread(of(stints, 'rate')),
        withSpread(of(others, 'rate')),
        withSpread(spreadOf(kept), 2),
        figure(of(stints, 'postgresCpu').median, 3),
        figure(of(others, 'postgresCpu').median, 3),
      ]
    }),
  )
  const intro = `From ${figure(SMALL.orgs * EACH_IS_IN)} to ${figure(LARGE.orgs * EACH_IS_IN)} memberships in organisations of five; the members are those of an organisation of ${figure(SMALL.large)} and of ${figure(LARGE.large)}; the busy person is in ${figure(SMALL.busy)} and in ${figure(LARGE.busy)}.`
  console.log(`${intro}\n\n${text}`)
  if (values.write) writePart('Growth', `${intro}\n\n${text}`)
})
