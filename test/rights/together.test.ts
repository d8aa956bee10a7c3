import t from 'tap'
import { openDatabase, PATIENCE, theOne } from '../../src/db/client.ts'
import { checkAccess, type Question } from '../../src/domain/access/check.ts'
import { Together } from '../../src/domain/access/queries/together.ts'
import { startMuster } from '../support/muster.ts'
import { openExplained } from '../support/plans.ts'
import { plant } from '../support/tree.ts'
import { backend, plantCrowd } from './crowd.ts'

const muster = await startMuster(t)

const NO = { allowed: false, role: null, source: null }

t.test('who asks in one turn shares a statement, and gets the own answers', async (t) => {
  const { together, sent } = doubling({ questions: 100, statements: 2 })
  const calls = [[1], [2, 3], [], [4]].map((questions) => together.ask(questions))
  t.equal(sent.length, 0, 'nothing is sent before the turn is over')
  await nextTurn()
  t.same(asked(sent), [[1, 2, 3, 4]])
  sent[0]?.answer()
  t.same(await Promise.all(calls), [[2], [4, 6], [], [8]])
})

t.test('a question never joins a statement that was sent before it', async (t) => {
  const { together, sent } = doubling({ questions: 100, statements: 2 })
  const first = together.ask([1])
  await nextTurn()
  const second = together.ask([2])
  await nextTurn()
  t.same(asked(sent), [[1], [2]], 'it gets one of its own')
  const third = together.ask([3])
  const fourth = together.ask([4])
  await nextTurn()
  t.equal(sent.length, 2, 'of which two may be under way')
  sent[1]?.answer()
  t.same(await second, [4])
  while (sent.length === 2) await nextTurn()
  t.same(asked(sent).slice(2), [[3, 4]], 'and who waits shares the next')
  sent[0]?.answer()
  sent[2]?.answer()
  t.same(await Promise.all([first, third, fourth]), [[2], [6], [8]])
})

t.test('a statement has a bounded number of questions, unless one call has more', async (t) => {
  const { together, sent } = doubling({ questions: 3, statements: 9 })
  for (const questions of [[1, 2], [3], [4, 5], [6, 7], [1, 2, 3, 4, 5], [8]]) void together.ask(questions)
  for (let turn = 0; turn < 9; turn++) await nextTurn()
  t.same(asked(sent), [[1, 2, 3], [4, 5], [6, 7], [1, 2, 3, 4, 5], [8]])
})

t.test('a thousand different questions at once are answered as one by one', async (t) => {
  const { big, tree, sapling, small, topReader, branchReader, collector, nobody, leaf } = await plantCrowd(
    t,
    muster.databaseUrl,
    3,
  )
  const users = [
    topReader,
    branchReader,
    collector,
    nobody,
    big.admin,
    small.member(0),
    small.admin,
    'nobody',
  ]
  const places = [leaf, sapling.root, ...tree.ids.slice(-1_800, -1_400), ...tree.ids.slice(0, 50)]
  const questions = Array.from({ length: 1_000 }, (_, n): Question => {
    const userId = theOne(users[n % users.length])
    const orgId = n % 13 === 0 ? small.id : big.id
    if (n % 7 === 0) return { orgId, userId, permission: 'org:read' }
    return {
      orgId,
      userId,
      permission: 'resource:read',
      resourceId: theOne(places[(n * 31) % places.length]),
    }
  })
  const expected: unknown[] = []
  for (const question of questions) expected.push(await checkAccess(muster.db, backend, [question]))
  t.ok(new Set(expected.map((verdict) => JSON.stringify(verdict))).size > 10, 'they differ')
  t.same(await Promise.all(questions.map((one) => checkAccess(muster.db, backend, [one]))), expected)

  const service = muster.service('muster:check')
  const bySeven = Array.from({ length: 140 }, (_, n) => questions.slice(7 * n, 7 * n + 7))
  const replies = await Promise.all(bySeven.map((checks) => service.post('/access/check', { checks })))
  t.same(
    replies.flatMap(({ body }) => body.results),
    expected.slice(0, 7 * 140).flat(),
    'over HTTP too',
  )
})

t.test('many who ask at once cost a statement, and no wait for each other', async (t) => {
  const { orgId } = await plant(muster)
  const db = openExplained(t, muster.databaseUrl, 'force_generic_plan')
  db.executions()
  await Promise.all(Array.from({ length: 30 }, () => checkAccess(db, backend, [isMember(orgId)])))
  t.equal(db.executions().length, 1)
})

t.test('what is wrong with the question of one is told to that one alone', async (t) => {
  const { orgId } = await plant(muster)
  const ask = (question: Question) => checkAccess(muster.db, backend, [question])
  const answers = await Promise.allSettled([
    ask(isMember(orgId)),
    ask(isMember('no id at all')),
    ask({ ...isMember(orgId), userId: 'NUL \0' }),
    ask({ ...isMember(orgId), userId: 'nobody' }),
  ])
  t.match(answers, [
    { status: 'fulfilled', value: [{ allowed: true }] },
    { status: 'rejected', reason: { cause: { code: '22P02' } } },
    { status: 'rejected', reason: { cause: { code: '22021' } } },
    { status: 'fulfilled', value: [NO] },
  ])
})

t.test('a database that does not answer is told to each of them', async (t) => {
  const impatient = await startMuster(t, {}, { patience: PATIENCE })
  const { orgId, admin } = await plant(impatient)
  const other = openDatabase(impatient.databaseUrl, 1)
  await other.pool.query('begin; lock table members')
  const ask = () => admin.post('/access/check', { checks: [{ orgId, permission: 'org:read' }] })
  const replies = await Promise.all(Array.from({ length: 20 }, ask))
  await other.pool.query('rollback')
  await other.close()
  for (const { status, body, headers } of replies) {
    t.match({ status, body }, { status: 503, body: { code: 'unavailable' } })
    t.equal(headers.get('retry-after'), '1')
  }
  t.equal(new Set(replies.map(({ body }) => body.requestId)).size, 20)
  t.equal((await ask()).status, 200)
})

t.test('whoever asks after a right was taken is told so, however many ask all the time', async (t) => {
  const tree = await plant(muster)
  const { orgId, member, site, at, admin } = tree
  const ask = async () => {
    const checks = [{ orgId, permission: 'resource:read', resourceId: site }]
    return (await member.post('/access/check', { checks })).body.results[0].allowed
  }
  let isOver = false
  const others = Array.from({ length: 8 }, async () => {
    while (!isOver) await ask()
  })
  for (let round = 0; round < 15; round++) {
    await tree.grant('bob', 'member', site)
    t.equal(await ask(), true)
    await admin.delete(`${at(site)}/members/bob`)
    t.equal(await ask(), false)
  }
  isOver = true
  await Promise.all(others)
})

/** Answers a number with its double, when it is told to. */
function doubling(most: { questions: number; statements: number }) {
  const sent: { questions: readonly number[]; answer: () => void }[] = []
  const together = new Together<number, number>((questions) => {
    const { promise, resolve } = Promise.withResolvers<number[]>()
    sent.push({ questions, answer: () => resolve(questions.map((number) => 2 * number)) })
    return promise
  }, most)
  return { together, sent }
}

function asked(sent: readonly { questions: readonly number[] }[]): (readonly number[])[] {
  return sent.map(({ questions }) => questions)
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function isMember(orgId: string): Question {
  return { orgId, userId: 'alice', permission: 'org:read' }
}
