import t, { type Test } from 'tap'
import { type Database, theOne } from '../../src/db/client.ts'
import { explainAccess } from '../../src/domain/access/explain.ts'
import { setBilling } from '../../src/domain/billing/set.ts'
import { deleteResource } from '../../src/domain/resources/delete.ts'
import { grantRole } from '../../src/domain/resources/grant-role.ts'
import { listResourceMembers } from '../../src/domain/resources/members.ts'
import { getResource, listResources } from '../../src/domain/resources/read.ts'
import { updateResource } from '../../src/domain/resources/update.ts'
import { withdrawRole } from '../../src/domain/resources/withdraw-role.ts'
import { type Execution, type ExplainedDatabase, openExplained, tablesReadWhole } from '../support/plans.ts'
import { cloneDatabase } from '../support/postgres.ts'
import { plantCrowd, userOf } from './crowd.ts'

const LIMIT = 25

const databaseUrl = await cloneDatabase(t)
const crowd = await plantCrowd(t, databaseUrl, 2_000)
const { forest, big, tree, leaf, topReader, branchReader, collector, nobody } = crowd
const modes = [
  openExplained(t, databaseUrl, 'force_generic_plan'),
  openExplained(t, databaseUrl, 'force_custom_plan'),
]

type Read = (db: Database) => Promise<unknown>

const list =
  (userId: string, filter: Partial<Parameters<typeof listResources>[2]> = {}): Read =>
  (db) =>
    listResources(db, userOf(userId), { orgId: big.id, limit: LIMIT, ...filter })
const explain =
  (userId: string, filter: Partial<Parameters<typeof explainAccess>[2]> = {}): Read =>
  (db) =>
    explainAccess(db, userOf(big.admin), { orgId: big.id, userId, limit: LIMIT, ...filter })
const people =
  (after?: string): Read =>
  (db) =>
    listResourceMembers(db, userOf(big.admin), { orgId: big.id, resourceId: leaf, limit: LIMIT, after })
const get =
  (userId: string): Read =>
  (db) =>
    getResource(db, userOf(userId), { orgId: big.id, resourceId: leaf })

const NEAR_THE_END = { after: tree.ids.at(-20) }
const DEEP_DOWN = { parentId: tree.at(7, 1_000) }

// Most rows that pass any node of the plan: each row of a page is looked at on up to eight levels.
const PAGE = 28 * (LIMIT + 1)
const FEW = 60
// Rows for each grant: its resource, the resources below it, and whether there is a grant above it.
const FOR_EACH_GRANT = 15
const everything = 5 * tree.ids.length

const READS: readonly [name: string, read: Read, rows: number][] = [
  ["an Admin's first page of resources", list(big.admin), PAGE],
  ["an Admin's last page of resources", list(big.admin, NEAR_THE_END), PAGE],
  ['what lies directly in a resource, for an Admin', list(big.admin, { parentId: tree.root }), PAGE],
  ['what lies directly in a resource, for a reader of all', list(topReader, { parentId: tree.root }), PAGE],
  ['what lies directly in a resource, for a reader of it', list(branchReader, DEEP_DOWN), PAGE],
  ['a resource by its external id, for an Admin', list(big.admin, { externalId: 'x' }), FEW],
  ['a resource by its external id, for a reader of all', list(topReader, { externalId: 'x' }), FEW],
  ['resources of a type, for a reader of a branch', list(branchReader, { type: 'level-8' }), PAGE],
  ['the resources of a reader of a branch', list(branchReader), PAGE],
  ['the last resources of a reader of a branch', list(branchReader, NEAR_THE_END), FEW],
  ['the resources of a Member without a grant', list(nobody), FEW],
  ['the resources of a Member with 500 grants', list(collector), PAGE + 500 * FOR_EACH_GRANT],
  ['the resources of a reader of all', list(topReader), PAGE + everything],
  ['the last resources of a reader of all', list(topReader, NEAR_THE_END), PAGE + everything],
  ['why an Admin may', explain(big.admin), 2 * PAGE],
  ['why an Admin may at the end', explain(big.admin, NEAR_THE_END), 2 * PAGE],
  ['why a reader of a branch may', explain(branchReader), PAGE],
  ['why a reader of all may on one', explain(topReader, { resourceId: leaf }), FEW],
  ['why a Member with 500 grants may', explain(collector), 2 * PAGE + 500 * FOR_EACH_GRANT],
  ['why a Member without a grant may', explain(nobody), FEW],
  ['who has a right on a resource', people(), 2 * PAGE],
  ['who has a right on a resource, further on', people(branchReader), 2 * PAGE],
  ['a resource for an Admin', get(big.admin), FEW],
  ['a resource for a reader of all', get(topReader), FEW],
]

const READS_OF_ALL: typeof READS = [
  ["a Member's first page of resources", list(nobody), PAGE],
  ["a Member's last page of resources", list(nobody, NEAR_THE_END), PAGE],
  ['a resource by its external id', list(nobody, { externalId: 'x' }), FEW],
  ['why a Member may', explain(nobody), 2 * PAGE],
  ['who has a right on a resource', people(), 2 * PAGE],
  ['who has a right on a resource, further on', people(branchReader), 2 * PAGE],
]

t.test('where Members read what they were granted', async (t) => {
  for (const [name, read, rows] of READS) await t.test(name, (t) => staysSmall(t, read, rows))
})

t.test('where Members read everything', async (t) => {
  await forest.setMemberAccess(big, 'all')
  for (const [name, read, rows] of READS_OF_ALL) await t.test(name, (t) => staysSmall(t, read, rows))
})

t.test('who changes a tree reads what they change', async (t) => {
  await forest.bill(big, tree.ids.slice(-2_000))
  await forest.survey()
  const admin = userOf(big.admin)
  for (const [n, db] of modes.entries()) {
    const at = (position: number) => ({ orgId: big.id, resourceId: tree.at(7, position + n) })
    const changes: readonly [name: string, change: () => Promise<unknown>][] = [
      ['a move', () => updateResource(db, admin, { ...at(100), change: { parentId: tree.at(6, 500) } })],
      ['a new name', () => updateResource(db, admin, { ...at(110), change: { name: 'New' } })],
      ['a deletion', () => deleteResource(db, admin, at(120))],
      ['a grant', () => grantRole(db, admin, { ...at(130), userId: nobody, role: 'accounting' })],
      ['its end', () => withdrawRole(db, admin, { ...at(130), userId: nobody })],
      ['invoice information', () => setBilling(db, admin, { ...at(140), information: {} })],
    ]
    for (const [name, change] of changes) {
      db.executions()
      await change()
      const executions = db.executions().filter(({ statement }) => !statement.includes('into events'))
      t.same(executions.flatMap(tablesReadWhole), [], name)
      for (const { rows, statement } of executions) t.ok(rows <= FEW, `${name}: ${rows} rows, ${statement}`)
    }
  }
})

async function staysSmall(t: Pick<Test, 'same' | 'ok'>, read: Read, most: number): Promise<void> {
  for (const db of modes) {
    const execution = await executionOf(db, read)
    t.same(tablesReadWhole(execution), [], 'reads no table from one end to the other')
    t.ok(execution.rows <= most, `comes by ${execution.rows} rows, ${most} at most`)
  }
}

/** Execution of the only statement. */
async function executionOf(db: ExplainedDatabase, read: Read): Promise<Execution> {
  db.executions()
  await read(db)
  const executions = db.executions()
  if (executions.length !== 1) throw new Error(`${executions.length} statements instead of one`)
  return theOne(executions[0])
}
