import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Guard } from './guards.ts'
import { connectionsFor, type Race } from './race.ts'
import { RACES } from './races.ts'
import { line, sum } from './row.ts'

// Takes each guard out of a copy of the product, and expects the races that name it to turn red there.
// Argument: a part of the names of the races to try.

const ROOT = join(import.meta.dirname, '../..')

// Red rounds that count as red; rounds at a time; rounds without a red one that count as green.
const ENOUGH = 10
const SLICE = 16
const MOST = 160

interface Trial {
  readonly race: Race
  readonly guards: readonly Guard[]
}

interface Tried extends Trial {
  readonly rounds: number
  readonly red: number
  readonly deadlocks: number
  readonly example: string
}

const [part = ''] = process.argv.slice(2)
const trials = RACES.filter(({ name }) => name.includes(part)).flatMap(trialsOf)
const tried: Tried[] = []
for (const [without, alike] of Map.groupBy(trials, namesOf)) {
  console.error(`without ${without}: ${alike.length} races`)
  tried.push(...(await inCopyWithout(alike)))
}
print()

/** Tries all guards of a race together and, if there are several, each alone, to see whether another one holds. */
function trialsOf(race: Race): Trial[] {
  const alone = race.guards.length > 1 ? race.guards.map((guard) => ({ race, guards: [guard] })) : []
  return [...alone, { race, guards: race.guards }]
}

function namesOf({ guards }: Trial): string {
  return guards.map(({ name }) => name).join(', and without ')
}

async function inCopyWithout(alike: readonly Trial[]): Promise<Tried[]> {
  const guards = alike[0]?.guards ?? []
  const copy = await mkdtemp(join(tmpdir(), 'muster-without-'))
  const endings: (() => unknown)[] = [() => rm(copy, { recursive: true })]
  try {
    for (const name of ['src', 'test', 'package.json'])
      await cp(join(ROOT, name), join(copy, name), { recursive: true })
    for (const name of ['node_modules', 'migrations']) await symlink(join(ROOT, name), join(copy, name))
    for (const guard of guards) await takeOut(copy, guard)

    const load = (file: string) => import(pathToFileURL(join(copy, 'test/races', file)).href)
    const { RACES: copies }: typeof import('./races.ts') = await load('races.ts')
    const { openStage }: typeof import('./stage.ts') = await load('stage.ts')
    const stage = await openStage(
      { teardown: (end) => endings.unshift(end) },
      connectionsFor(alike.map(({ race }) => race)),
    )
    for (const guard of guards) if ('drop' in guard) await stage.muster.db.pool.query(guard.drop)

    const results: Tried[] = []
    for (const { race } of alike) {
      const [copied] = copies.filter(({ name }) => name === race.name)
      if (!copied) throw new Error(`the copy has no race "${race.name}"`)
      results.push({ race, guards, ...(await untilRed((rounds) => copied.run(stage, rounds))) })
    }
    return results
  } finally {
    for (const end of endings) await end()
  }
}

async function takeOut(copy: string, guard: Guard): Promise<void> {
  if (!('file' in guard)) return
  const file = join(copy, 'src', guard.file)
  const parts = (await readFile(file, 'utf8')).split(guard.text)
  if (parts.length !== 2)
    throw new Error(`"${guard.name}" stands in ${guard.file} ${parts.length - 1} times, not once`)
  await writeFile(file, parts.join(guard.instead ?? ''))
}

/** Plays a few rounds at a time, because PostgreSQL waits for a second before it looks for a deadlock. */
async function untilRed(run: (rounds: number) => ReturnType<Race['run']>) {
  const seen = { rounds: 0, red: 0, deadlocks: 0, example: '' }
  while (seen.red < ENOUGH && seen.rounds < MOST) {
    const { rounds, violations, deadlocks } = await run(SLICE)
    const [[example] = [seen.example]] = [...violations].sort(([, a], [, b]) => b - a)
    seen.rounds += rounds
    seen.red += sum(violations)
    seen.deadlocks += deadlocks
    seen.example = example
  }
  return seen
}

/** Prints in the order of the races. Fails for a race that stayed green without all of its guards. */
function print(): void {
  console.log(line('race', 'red rounds', 'deadlocks'), ' for example')
  for (const race of RACES) {
    const rows = tried.filter((trial) => trial.race === race)
    if (rows.length > 0) console.log(`\n${race.name}`)
    for (const { guards, rounds, red, deadlocks, example } of rows.sort(byGuards)) {
      const all = guards.length === race.guards.length
      const without = all && guards.length > 1 ? 'all of these' : guards.map(({ name }) => name).join()
      const remark = red > 0 ? example.slice(0, 80) : all ? 'NOT PROVED' : 'green: the others hold'
      console.log(line(`  without ${without}`, `${red}/${rounds}`, deadlocks), ` ${remark}`)
      if (all && red === 0) process.exitCode = 1
    }
  }
}

function byGuards(a: Trial, b: Trial): number {
  return a.guards.length - b.guards.length
}
