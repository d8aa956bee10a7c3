import type { Test } from 'tap'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { checkAccess, type Question } from '../../src/domain/access/check.ts'
import { deleteResource } from '../../src/domain/resources/delete.ts'
import { listResources } from '../../src/domain/resources/read.ts'
import { updateResource } from '../../src/domain/resources/update.ts'
import { backend, type Crowd, plantCrowd, userOf } from '../rights/crowd.ts'
import { forester } from '../support/forest.ts'
import { startMuster } from '../support/muster.ts'
import { cloneDatabase } from '../support/postgres.ts'
import { type Contender, compete, line, millisecondsOf, spread } from './contest.ts'

// Measures what rights cost, as ratios of calls that take turns in one run: milliseconds of different runs and machines
// say little. Argument: a part of the titles of the tables to print.

const BRANCHES = [
  [1, 999],
  [1, 9_999],
  [1, 4, 16, 64, 256, 1_024, 8_635],
]

const [part = ''] = process.argv.slice(2)
const endings: (() => unknown)[] = []
const t: Pick<Test, 'teardown'> = { teardown: (end) => void endings.unshift(end) }

const TABLES: Record<string, () => Promise<void>> = {
  'checks on one connection': compareChecks,
  'pages of 25 on one connection': comparePages,
  'answers over HTTP': compareAnswers,
  'changes of a large branch': changeLargeBranches,
}
try {
  for (const [title, print] of Object.entries(TABLES)) if (title.includes(part)) await print()
} finally {
  for (const end of endings) await end()
}

async function compareChecks(): Promise<void> {
  const few = await openCrowd(8)
  const many = await openCrowd(1_998)
  const check = (
    name: string,
    { db, crowd }: OpenCrowd,
    resourceId: string,
    versus?: Contender,
    count = 1,
  ): Contender => {
    const isSmall = resourceId === crowd.sapling.root
    const question: Question = {
      orgId: isSmall ? crowd.small.id : crowd.big.id,
      userId: isSmall ? crowd.small.member(0) : crowd.topReader,
      resourceId,
      permission: 'resource:read',
    }
    const questions = Array<Question>(count).fill(question)
    return { name, call: () => checkAccess(db, backend, questions), ...(versus && { versus }) }
  }
  const nothing = { name: 'a statement that does nothing', call: () => many.db.pool.query('select 1') }
  const one = check('one question (2,000 orgs, 10,000 resources, depth 8)', many, many.crowd.leaf, nothing)
  const root = check('depth 1', many, many.crowd.tree.root, nothing)
  const small = check('an org with one resource, depth 1', many, many.crowd.sapling.root, nothing)
  const fewOrgs = check('10 orgs, depth 8', few, few.crowd.leaf, nothing)
  await compete('checks on one connection', [
    nothing,
    one,
    check('a hundred questions, against one', many, many.crowd.leaf, one, 100),
    root,
    check('depth 8, against depth 1', many, many.crowd.leaf, root),
    small,
    check('an org with 10,000 resources, against one', many, many.crowd.tree.root, small),
    fewOrgs,
    check('2,000 orgs, against 10', many, many.crowd.leaf, fewOrgs),
  ])
}

async function comparePages(): Promise<void> {
  const { db, crowd } = await openCrowd(1_998)
  const { big, tree } = crowd
  const page = (name: string, userId: string, versus?: Contender, after?: string): Contender => ({
    name,
    call: () => listResources(db, userOf(userId), { orgId: big.id, limit: 25, after }),
    ...(versus && { versus }),
  })
  const first = page("an Admin's first", big.admin)
  await compete('pages of 25 on one connection', [
    first,
    page("an Admin's last", big.admin, first, tree.ids.at(-26)),
    page('a Member with one small grant', crowd.branchReader, first),
    page('a Member with 500 grants', crowd.collector, first),
    page('a Member with a grant on all 10,000', crowd.topReader, first),
  ])
}

async function compareAnswers(): Promise<void> {
  const muster = await startMuster(t as Test)
  const crowd = await plantCrowd(t, muster.databaseUrl, 1_998)
  const { big, leaf, topReader, branchReader } = crowd
  const reader = muster.user(topReader)
  const question = { orgId: big.id, resourceId: leaf, permission: 'resource:read' }
  const check = (count: number) => () => reader.post('/access/check', { checks: Array(count).fill(question) })
  const livez: Contender = { name: 'GET /livez', call: () => muster.stranger.get('/livez') }
  const answers: Record<string, () => Promise<unknown>> = {
    'GET /me': () => reader.get('/me'),
    'GET /orgs/:orgId/resources/:resourceId': () => reader.get(`/orgs/${big.id}/resources/${leaf}`),
    'POST /access/check, one question': check(1),
    'POST /access/check, a hundred': check(100),
    'GET /orgs/:orgId/resources, an Admin': () => muster.user(big.admin).get(`/orgs/${big.id}/resources`),
    'GET /orgs/:orgId/resources, a Member with one small grant': () =>
      muster.user(branchReader).get(`/orgs/${big.id}/resources`),
  }
  const contenders = Object.entries(answers).map(([name, call]) => ({ name, call, versus: livez }))
  await compete('answers over HTTP', [livez, ...contenders])
}

/** Changes each branch in a tree of its own, because a deleted one is gone. */
async function changeLargeBranches(): Promise<void> {
  const muster = await startMuster(t as Test)
  const forest = await forester(t, muster.databaseUrl)
  console.log(`\n${line('changes of a branch with 2,000 grants', 'ms', 'lowest', 'highest')}`)
  for (const levels of BRANCHES) {
    const moved: number[] = []
    const deleted: number[] = []
    for (let n = 0; n < 5; n++) {
      const org = await forest.plantOrg(2_000)
      const trunk = await forest.plantTree(org, [1])
      const branch = await forest.plantTree(org, levels)
      const granted = branch.ids.slice(-2_000)
      await forest.grant(
        org,
        granted.map((resourceId, n) => ({ userId: org.member(n), resourceId })),
      )
      await forest.bill(org, branch.ids.slice(0, 100))
      await forest.survey()
      const admin = userOf(org.admin)
      const place = { orgId: org.id, resourceId: branch.root }
      const change = { parentId: trunk.root }
      moved.push(await millisecondsOf(() => updateResource(muster.db, admin, { ...place, change })))
      deleted.push(await millisecondsOf(() => deleteResource(muster.db, admin, place)))
    }
    const size = levels.reduce((sum, count) => sum + count, 0)
    console.log(line(`${size} resources on ${levels.length} levels are moved`, ...spread(moved, 0)))
    console.log(line('and deleted', ...spread(deleted, 0)))
  }
}

interface OpenCrowd {
  readonly db: Database
  readonly crowd: Crowd
}

/** Uses one connection, so that each statement is prepared once. */
async function openCrowd(neighbours: number): Promise<OpenCrowd> {
  const databaseUrl = await cloneDatabase(t)
  const crowd = await plantCrowd(t, databaseUrl, neighbours)
  const db = openDatabase(databaseUrl, 1)
  t.teardown(() => db.close())
  return { db, crowd }
}
