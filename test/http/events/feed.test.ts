import t from 'tap'
import { relayEvents } from '../../../src/jobs/feed/relay.ts'
import { purge } from '../../../src/jobs/purge/purge.ts'
import { until } from '../../jobs/scene.ts'
import { startJobs } from '../../support/jobs.ts'
import { type Caller, type Muster, startMuster, withOrg } from '../../support/muster.ts'
import { callOf, furnish, operationsOf, send } from '../../support/operations.ts'
import { stopwatch } from '../../support/stopwatch.ts'

interface Told {
  readonly id: string
  readonly type: string
  readonly orgId: string | null
  readonly sequence: number | null
}

async function feedOf(muster: Muster, cursor?: string, limit = 100, caller = muster.service('muster:read')) {
  const reply = await caller.get(`/events?limit=${limit}${cursor === undefined ? '' : `&cursor=${cursor}`}`)
  const { status, body } = reply
  return { status, code: body.code, data: body.data as Told[], next: body.next as string }
}

/** Everything from the cursor on, in pages of so many. */
async function followed(muster: Muster, cursor?: string, limit = 100): Promise<Told[]> {
  const page = await feedOf(muster, cursor, limit)
  if (page.status !== 200) throw new Error(page.code)
  return page.data.length === 0 ? [] : [...page.data, ...(await followed(muster, page.next, limit))]
}

const changes = (caller: Caller, path: string, times: number) =>
  Array.from({ length: times }).reduce<Promise<unknown>>(
    (before, _, n) => before.then(() => caller.patch(path, { metadata: { n } })),
    Promise.resolve(),
  )

t.test('the feed begins empty, and the cursor of nothing leads to the first event', async (t) => {
  const muster = await startMuster(t)
  const empty = await feedOf(muster)
  t.same(empty.data, [])
  t.type(empty.next, 'string')
  t.same(await feedOf(muster, empty.next), empty, 'and to itself, as long as nothing happens')

  await withOrg(muster)
  t.same(await feedOf(muster, empty.next), empty, 'an event has to be given its place first')
  t.equal(await relayEvents(muster.db), 2)
  const { data, next } = await feedOf(muster, empty.next)
  t.match(data, [
    { type: 'org.created', sequence: 1 },
    { type: 'member.added', sequence: 2 },
  ])
  t.not(next, empty.next)
  t.match(await feedOf(muster, next), { data: [], next })
  t.equal(await relayEvents(muster.db), 0, 'each is given one place')
})

t.test('each event comes once, in one order, as the audit logs tell it, in pages of any size', async (t) => {
  const muster = await startMuster(t)
  const one = await withOrg(muster)
  const two = await withOrg(muster)
  for (let round = 0; round < 4; round++) {
    await changes(one.alice, one.path, 2)
    await changes(two.alice, two.path, 1)
    if (round < 3) await relayEvents(muster.db)
  }
  await muster.service('muster:write').post('/webhooks', { url: 'https://hooks.example.com/' })
  await relayEvents(muster.db)
  const all = await followed(muster)
  t.equal(all.length, 2 + 2 + 4 * 3 + 1)
  for (const limit of [1, 2, 7, 16, 17, 18])
    t.same(await followed(muster, undefined, limit), all, String(limit))
  for (const { alice, path, org } of [one, two])
    t.same(
      all.filter(({ orgId }) => orgId === org.id),
      (await alice.get(`${path}/events?limit=100`)).body.data.reverse(),
    )
  t.match(all.at(-1), { type: 'webhook.created', orgId: null, sequence: null })

  const { data, next } = await feedOf(muster, undefined, 5)
  await changes(two.alice, two.path, 3)
  await relayEvents(muster.db)
  t.same([...data, ...(await followed(muster, next, 4))].slice(0, all.length), all, 'later ones come later')
  t.same((await feedOf(muster, undefined, 5)).next, next)
})

t.test('a worker places what happens within a second, without being asked', async (t) => {
  const muster = await startMuster(t)
  await startJobs(t, muster)
  const { alice, path } = await withOrg(muster)
  const clock = stopwatch()
  await alice.patch(path, { name: 'Later' })
  await until('it is told', async () => (await followed(muster)).length === 3)
  const took = clock()
  t.ok(took < 2000, `told after ${took.toFixed()} ms`)
})

t.test('it is for services that may read; any of them goes on where another one was', async (t) => {
  const muster = await startMuster(t)
  const { admin, accounting, member } = await furnish(muster)
  for (const caller of [admin, accounting, member, muster.user('mallory'), muster.service('muster:check')])
    t.match(await feedOf(muster, undefined, 1, caller), { status: 403, code: 'forbidden' })
  t.equal((await feedOf(muster, undefined, 1, muster.stranger)).status, 401)

  await relayEvents(muster.db)
  const all = await followed(muster)
  const service = (claims: object) =>
    muster.user('x', { email: undefined, email_verified: undefined, ...claims })
  const callers = [
    service({ sub: 'backend', scope: 'muster:read' }),
    service({ sub: 'backend-2', scope: 'muster:read' }),
    service({ sub: 'another', scope: 'muster:write' }),
    service({ sub: 'third', scope: 'openid muster:check muster:read' }),
  ]
  let cursor: string | undefined
  const seen: Told[] = []
  for (const caller of callers) {
    const page = await feedOf(muster, cursor, 3, caller)
    seen.push(...page.data)
    cursor = page.next
  }
  t.same(seen, all.slice(0, 12))
  t.match(await feedOf(muster, cursor, 3, admin), { status: 400, code: 'invalid_cursor' })
})

t.test('a cursor of any other list is none here, and that of the feed is none there', async (t) => {
  const muster = await startMuster(t)
  const place = await furnish(muster)
  await place.admin.post('/orgs', { name: 'More' })
  await place.service.post('/webhooks', { url: 'https://hooks.example.com/' })
  await place.service.post(`/webhooks/${place.webhookId}/test`)
  await relayEvents(muster.db)
  const { next } = await feedOf(muster, undefined, 1)
  const lists = (await operationsOf(muster)).filter(({ parameters }) => parameters.includes('cursor'))
  t.ok(lists.length > 8)
  let cursors = 0
  for (const { operationId } of lists) {
    if (operationId === 'readFeed') continue
    const call = callOf(operationId, place)
    const caller = operationId === 'listOpenInvitations' ? place.invited : place.service
    const { body, status } = await send(caller, { ...call, path: `${call.path}?limit=1` })
    t.equal(status, 200, operationId)
    t.match(
      await send(caller, { ...call, path: `${call.path}?cursor=${next}` }),
      { status: 400, body: { code: 'invalid_cursor' } },
      operationId,
    )
    if (body.next === null) continue
    cursors += 1
    t.match(await feedOf(muster, body.next), { status: 400, code: 'invalid_cursor' }, operationId)
  }
  t.ok(cursors >= 6, `${cursors} cursors of other lists`)
})

t.test(
  'what is no cursor is an invalid cursor, and a place ahead of all is one of a database that was restored',
  async (t) => {
    const muster = await startMuster(t)
    const { next } = await feedOf(muster)
    const [list] = JSON.parse(Buffer.from(next, 'base64url').toString())
    const write = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    for (const place of [-1, 1.5, '1', null, [1], {}, 2 ** 53, 1e300, '1; drop table events'])
      t.match(
        await feedOf(muster, write([list, place])),
        { status: 400, code: 'invalid_cursor' },
        String(place),
      )
    for (const cursor of [
      '',
      'x',
      next.slice(1),
      `${next}=`,
      next.toUpperCase(),
      write([list]),
      write(['', 0]),
    ])
      t.match(await feedOf(muster, cursor), { status: 400, code: 'invalid_cursor' }, cursor)
    const ahead = write([list, Number.MAX_SAFE_INTEGER])
    t.match(await feedOf(muster, ahead), { status: 410, code: 'cursor_expired' })
    for (const limit of ['0', '101', 'x', '1.5']) {
      const { status, body } = await muster.service('muster:read').get(`/events?limit=${limit}`)
      t.match({ status, body }, { status: 400, body: { errors: [{ parameter: 'limit' }] } })
    }
    t.equal((await muster.service('muster:read').get('/events?type=org.created')).status, 400)
  },
)

t.test('the feed still tells the end of an organisation that has been purged', async (t) => {
  const muster = await startMuster(t)
  const { path, alice, org } = await withOrg(muster)
  await alice.delete(`${path}?confirm=Acme`)
  await relayEvents(muster.db)
  await muster.db.pool.query(`update orgs set deleted_at = now() - interval '31 days'`)
  await purge(muster.db, null)
  t.equal((await muster.db.pool.query('select from orgs')).rowCount, 0)
  t.match(
    await followed(muster),
    ['org.created', 'member.added', 'org.deleted'].map((type) => ({ type, orgId: org.id })),
  )
})
