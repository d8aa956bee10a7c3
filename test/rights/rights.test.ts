import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { v7 as uuidv7 } from 'uuid'
import { openDatabase } from '../../src/db/client.ts'
import { randomOf } from '../faults/random.ts'
import { byForm } from '../support/form.ts'
import { cloneDatabase, PATIENT } from '../support/postgres.ts'
import { changed } from './changes.ts'
import { type History, history } from './histories.ts'
import { attempt, plant, plantUsers } from './play.ts'
import { compareExplanations, compareLists, comparePeople, compareVerdicts } from './questions.ts'
import { begin, resolve } from './world.ts'

// Repeats a failed case by its report: RIGHTS_SEED=… RIGHTS_PATH=… npm run spec -- test/rights/rights.test.ts
const { RIGHTS_SEED, RIGHTS_PATH } = process.env
const CASES = Number(process.env.CASES ?? byForm(100, 10_000))

const db = openDatabase(await cloneDatabase(t), 20, PATIENT)
t.teardown(() => db.close())
await plantUsers(db)

const count = {
  worlds: 0,
  operations: 0,
  done: 0,
  verdicts: 0,
  allowed: 0,
  lists: 0,
  people: 0,
  explanations: 0,
}
const refusals: Record<string, number> = {}

t.test('whatever happened, the SQL and the rules agree on who may what, where, and why', async (t) => {
  const outcome = await fc.check(fc.asyncProperty(history, play), {
    numRuns: CASES,
    // Otherwise the highest number is drawn often, and what is asked for often does not exist.
    plugins: [fc.unbiased()],
    ...(RIGHTS_SEED && { seed: Number(RIGHTS_SEED) }),
    ...(RIGHTS_PATH && { path: RIGHTS_PATH }),
  })
  t.comment(`RIGHTS_SEED=${outcome.seed}: ${told(count)}; refused: ${told(refusals)}`)
  if (outcome.failed) t.comment(await fc.asyncDefaultReportMessage(outcome))
  if (outcome.failed) throw outcome.errorInstance
  if (!RIGHTS_PATH) t.ok(count.verdicts >= 10_000, 'over at least 10,000 verdicts')
})

async function play(story: History): Promise<void> {
  let world = begin(story, [uuidv7(), uuidv7()])
  await plant(db, world)
  const known = new Set([...world.values()].flatMap(({ resources }) => [...resources.keys()]))
  for (const intention of story.intentions) {
    const tried = resolve(world, [...known], intention)
    const { refused, id } = await attempt(db, world, tried)
    if (id) known.add(id)
    const next = changed(world.get(tried.orgId), tried.by, tried.change, id ?? 'nothing')
    deepStrictEqual({ tried, refused }, { tried, refused: typeof next === 'string' ? next : undefined })
    if (typeof next === 'object') world = new Map([...world, [next.id, next]])
    count.operations++
    if (refused) refusals[refused] = (refusals[refused] ?? 0) + 1
    else count.done++
  }
  const inquiry = { db, world, known: [...known], random: randomOf(String(story.questions)) }
  const { verdicts, allowed } = await compareVerdicts(inquiry)
  count.worlds++
  count.verdicts += verdicts
  count.allowed += allowed
  count.lists += await compareLists(inquiry)
  count.people += await comparePeople(inquiry)
  count.explanations += await compareExplanations(inquiry)
}

function told(figures: Record<string, number>): string {
  return Object.entries(figures)
    .map(([what, number]) => `${what} ${number}`)
    .join(', ')
}
