import t from 'tap'
import { openDatabase, theOne } from '../../src/db/client.ts'
import { checkAccess, type Question } from '../../src/domain/access/check.ts'
import { type Execution, type ExplainedDatabase, openExplained, tablesReadWhole } from '../support/plans.ts'
import { cloneDatabase } from '../support/postgres.ts'
import { backend, plantCrowd, plantNeighbours } from './crowd.ts'

const NOWHERE = '01930000-0000-7000-8000-000000000000'

const databaseUrl = await cloneDatabase(t)
const crowd = await plantCrowd(t, databaseUrl, 200)
const { big, leaf, small, sapling, topReader } = crowd
const modes = [
  openExplained(t, databaseUrl, 'force_generic_plan'),
  openExplained(t, databaseUrl, 'force_custom_plan'),
]

const onLeaf = (userId: string): Question => ({
  orgId: big.id,
  userId,
  resourceId: leaf,
  permission: 'resource:read',
})
const SMALLEST = 'an organisation with one resource'
const QUESTIONS: ReadonlyMap<string, Question> = new Map([
  ['a grant seven levels above', onLeaf(topReader)],
  ['an Admin', onLeaf(big.admin)],
  ['a Member with 500 grants', onLeaf(crowd.collector)],
  ['a Member without a grant', onLeaf(crowd.nobody)],
  ['an outsider', onLeaf(small.admin)],
  ['a user nobody knows', onLeaf('nobody-knows')],
  ['a resource of nowhere', { ...onLeaf(topReader), resourceId: NOWHERE }],
  ["another organisation's resource", { ...onLeaf(topReader), resourceId: sapling.root }],
  ['an organisation of nowhere', { ...onLeaf(topReader), orgId: NOWHERE }],
  ['the organisation itself', { orgId: big.id, userId: topReader, permission: 'org:read' }],
  [SMALLEST, { ...onLeaf(small.member(0)), orgId: small.id, resourceId: sapling.root }],
])

const amongFew = await pagesOfEach()
await plantNeighbours(crowd.forest, 1_800)
await crowd.forest.survey()

t.test('a check is one statement, prepared once, for one question and for a hundred', async (t) => {
  for (const db of modes) {
    const statements = new Set<string>()
    for (const count of [1, 2, 100])
      statements.add((await executionOf(db, onLeaf(topReader), count)).statement)
    const { rows } = await db.pool.query('select name, statement from pg_prepared_statements')
    t.same(rows, [{ name: 'standings', statement: [...statements].join() }])
  }
})

t.test('a connection that knows the check does not plan it again', async (t) => {
  for (const count of [1, 3, 100]) {
    const db = openDatabase(databaseUrl, 1)
    t.teardown(() => db.close())
    for (let n = 0; n < 20; n++)
      await checkAccess(db, backend, Array<Question>(count).fill(onLeaf(topReader)))
    const { rows } = await db.pool.query(
      'select custom_plans::int, generic_plans::int from pg_prepared_statements',
    )
    // PostgreSQL makes five plans for the actual parameters before it compares.
    t.same(rows, [{ custom_plans: 5, generic_plans: 15 }], `${count} questions`)
  }
})

for (const [name, question] of QUESTIONS)
  t.test(`a check about ${name} reads indexes only`, async (t) => {
    for (const db of modes) {
      const one = await executionOf(db, question, 1)
      const hundred = await executionOf(db, question, 100)
      t.same([...tablesReadWhole(one), ...tablesReadWhole(hundred)], [])
      t.ok(one.pages <= 32, `${one.pages} pages for one question`)
      t.ok(one.rows <= 32, `${one.rows} rows for one question`)
      t.ok(hundred.pages <= 100 * one.pages, `${hundred.pages} pages for a hundred`)
      t.ok(hundred.rows <= 100 * one.rows, `${hundred.rows} rows for a hundred`)
    }
  })

t.test(
  'a check costs no more for the size of the organisation, and one look for each level above',
  async (t) => {
    for (const pagesOf of await pagesOfEach()) {
      const smallest = theOne(pagesOf.get(SMALLEST))
      // One look into the index of grants takes two pages, or three in a large index. There are seven levels above.
      for (const [name, pages] of pagesOf)
        t.ok(pages <= smallest + 3 * 7, `${pages} pages, ${smallest}: ${name}`)
    }
  },
)

t.test('a check costs no more among ten times as many organisations', async (t) => {
  for (const [mode, pagesOf] of (await pagesOfEach()).entries())
    for (const [name, pages] of pagesOf) {
      const before = theOne(amongFew[mode]?.get(name))
      // An index that has grown by a level takes one more page for each of the twelve looks into it.
      t.ok(pages <= before + 12, `${pages} pages, ${before} before: ${name}`)
    }
})

async function pagesOfEach(): Promise<ReadonlyMap<string, number>[]> {
  const found: Map<string, number>[] = []
  for (const db of modes) {
    const pagesOf = new Map<string, number>()
    for (const [name, question] of QUESTIONS) pagesOf.set(name, (await executionOf(db, question, 1)).pages)
    found.push(pagesOf)
  }
  return found
}

/** Execution of the only statement. */
async function executionOf(db: ExplainedDatabase, question: Question, count: number): Promise<Execution> {
  db.executions()
  await checkAccess(db, backend, Array<Question>(count).fill(question))
  const executions = db.executions()
  if (executions.length !== 1) throw new Error(`${executions.length} statements instead of one`)
  return theOne(executions[0])
}
