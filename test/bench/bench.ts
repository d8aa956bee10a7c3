import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Contender } from './contenders/contender.ts'
import { startDurablePostgres } from './contenders/durable-postgres.ts'
import { floorContender, furnishFloor, startFloor } from './contenders/floor-contender.ts'
import { furnishMuster, type MusterStart, musterContender, startMuster } from './contenders/muster.ts'
import { figure, median, spreadOf, withSpread } from './figures/numbers.ts'
import { table } from './figures/table.ts'
import { Load } from './load/load.ts'
import { Course, type Stint } from './load/stint.ts'
import { operationsOn } from './operations.ts'
import { readOptions } from './options.ts'
import { USUAL } from './world.ts'

// What the operations cost, in turns with who does the same: `npm run bench -- invite accept --quick` takes a minute and
// measures two of them; `--against ../other-checkout` measures that one's Muster too.

const options = readOptions(process.argv.slice(2))
const secret = randomBytes(32).toString('hex')
const ROOT = join(import.meta.dirname, '../..')
await using open = new AsyncDisposableStack()
const folder = await mkdtemp(join(tmpdir(), 'muster-bench-logs-'))
open.defer(() => rm(folder, { recursive: true }))
const postgres = await startDurablePostgres()
open.defer(() => postgres.stop())
const load = new Load()
open.defer(() => load.end())

const contenders: Contender[] = []
const checkouts = [
  { name: 'muster', checkout: ROOT, command: options.start },
  ...(options.against ? [{ name: 'against', checkout: options.against }] : []),
]
for (const { name, ...rest } of checkouts) {
  const databaseUrl = await postgres.create(`bench_${name}`)
  const start: MusterStart = { name, databaseUrl, secret, folder: join(folder, name), ...rest }
  await furnishMuster(start, USUAL)
  const server = await startMuster(start)
  open.defer(() => server.stop())
  contenders.push(musterContender(start, server, USUAL))
}
const floorUrl = await postgres.create('bench_floor')
await furnishFloor(floorUrl, USUAL)
const floor = await startFloor(floorUrl, secret, join(folder, 'floor'))
open.defer(() => floor.stop())
contenders.push(floorContender(floorUrl, secret, floor, USUAL))

const operations = operationsOn(USUAL).filter(({ name }) => options.operations.includes(name))
const courses = operations.map((operation) =>
  contenders.map((contender) => new Course(load, postgres.pid, contender, operation)),
)
const stints = new Map<Course, Stint[]>(courses.flat().map((course) => [course, []]))
const { connections, slice } = options
for (let round = 0; round <= options.rounds; round++)
  for (const rivals of courses)
    for (const course of round % 2 ? rivals : rivals.toReversed()) {
      const stint = await course.run({ connections, seconds: slice })
      if (round > 0) stints.get(course)?.push(stint)
    }

const rows = courses.map((rivals) => {
  const of = (course: Course | undefined, what: keyof Stint) =>
    (course && stints.get(course))?.map((stint) => stint[what]) ?? []
  const [muster] = rivals
  const last = rivals.at(-1)
  const ratios = of(muster, 'rate').map((rate, n) => rate / (of(last, 'rate')[n] ?? Number.NaN))
  return [
    muster?.operation.title ?? '',
    ...rivals.map((course) => withSpread(spreadOf(of(course, 'rate')))),
    withSpread(spreadOf(ratios), 2),
    `${figure(median(of(muster, 'p50')), 1)} / ${figure(median(of(muster, 'p99')), 1)}`,
    `${figure(median(of(muster, 'serverCpu')), 2)} + ${figure(median(of(muster, 'postgresCpu')), 2)}`,
    `${figure(median(of(last, 'serverCpu')), 2)} + ${figure(median(of(last, 'postgresCpu')), 2)}`,
  ]
})
console.log(
  table(
    [
      'operation',
      ...contenders.map(({ name }) => `${name} req/s`),
      'of the floor',
      'p50 / p99 ms',
      'CPU ms',
      "floor's",
    ],
    rows,
  ),
)
