import t from 'tap'
import { dump } from '../../support/dump.ts'
import { joinAs, startMuster, withOrg } from '../../support/muster.ts'

const muster = await startMuster(t)
const backend = muster.service('muster:write')

t.test('a backend puts somebody in who has never signed in, and again without a change', async (t) => {
  const { alice, path } = await withOrg(muster)
  const first = await backend.put(`${path}/members/dora`, {
    ...{ role: 'member', email: 'Dora@Example.com', name: 'Dora' },
  })
  t.match(first, {
    status: 201,
    body: { userId: 'dora', email: 'dora@example.com', role: 'member', source: 'provisioned', version: 1 },
  })
  t.equal(first.headers.get('location'), `${path}/members/dora`)
  const before = await dump(muster.db)
  t.match(await backend.put(`${path}/members/dora`, { role: 'member', name: 'Dora' }), {
    status: 200,
    body: first.body,
  })
  t.same(await dump(muster.db), before)

  t.match(await backend.put(`${path}/members/dora`, { role: 'admin' }), {
    status: 200,
    body: { role: 'admin', name: 'Dora', version: 2 },
  })
  t.equal((await muster.user('dora').get(path)).status, 200)
  const { data } = (await alice.get(`${path}/events?actor=backend`)).body
  t.same(
    data.map(({ type }: { type: string }) => type),
    ['member.role_changed', 'member.added'],
  )
})

t.test('the last Admin stays, and a condition holds', async (t) => {
  const { path } = await withOrg(muster)
  t.match(await backend.put(`${path}/members/alice`, { role: 'member' }), {
    status: 409,
    body: { code: 'last_admin' },
  })
  t.equal((await backend.put(`${path}/members/alice`, { role: 'admin' }, { 'if-match': '"7"' })).status, 412)
  t.equal((await backend.put(`${path}/members/new`, { role: 'member' }, { 'if-match': '*' })).status, 412)
  t.match(await backend.put(`${path}/members/new`, { role: 'member', email: 'no address' }), {
    status: 400,
    body: { errors: [{ pointer: '/email' }] },
  })
})

t.test('an address that a backend tells is not verified by that, and a known one stays so', async (t) => {
  const { path } = await withOrg(muster)
  const emma = muster.user('emma')
  await emma.put('/me')
  await backend.put(`${path}/members/emma`, { role: 'member', email: 'emma@example.com' })
  t.equal((await backend.get('/users/emma')).body.user.emailVerified, true)
  await backend.put(`${path}/members/emma`, { role: 'member', email: 'other@example.com' })
  t.match((await backend.get('/users/emma')).body.user, { email: 'other@example.com', emailVerified: false })
})

t.test('a wanted set is what the members are afterwards, and the difference is answered', async (t) => {
  const { alice, path } = await withOrg(muster)
  const bob = await joinAs(muster, path, 'bob')
  await joinAs(muster, path, 'carl')
  await joinAs(muster, path, 'dave')
  const members = [
    { userId: 'alice', role: 'admin' },
    { userId: 'carl', role: 'accounting' },
    { userId: 'dave', role: 'member', name: 'David' },
    { userId: 'erin', role: 'member', email: 'erin@example.com', name: 'Erin' },
  ]
  const expected = {
    added: [{ userId: 'erin', role: 'member' }],
    changed: [{ userId: 'carl', role: 'accounting', previousRole: 'member' }],
    removed: [{ userId: 'bob', role: 'member' }],
    unchanged: 2,
  }
  const before = await dump(muster.db)
  t.match(await backend.put(`${path}/members?dryRun=true`, { members }), { status: 200, body: expected })
  t.same(await dump(muster.db), before, 'a dry run writes nothing')

  t.match(await backend.put(`${path}/members`, { members }), { status: 200, body: expected })
  t.equal((await bob.get(path)).status, 404, 'who was removed is out with the answer')
  const { data } = (await alice.get(`${path}/members?limit=100`)).body
  t.same(
    data
      .map(({ userId, role, name }: Record<string, string>) => [userId, role, name])
      .sort(([a]: string[], [b]: string[]) => ((a ?? '') < (b ?? '') ? -1 : 1)),
    [
      ['alice', 'admin', 'Alice'],
      ['carl', 'accounting', 'Carl'],
      ['dave', 'member', 'David'],
      ['erin', 'member', 'Erin'],
    ],
  )
  const events = (await alice.get(`${path}/events?actor=backend&limit=3`)).body.data
  t.same(
    events.map(({ type, subject }: { type: string; subject: { id: string } }) => [type, subject.id]),
    [
      ['member.added', 'erin'],
      ['member.role_changed', 'carl'],
      ['member.removed', 'bob'],
    ],
  )
  t.match((await backend.put(`${path}/members`, { members })).body, {
    ...{ added: [], changed: [], removed: [], unchanged: 4 },
  })
})

t.test(
  'a set without an Admin, with somebody twice, or of a wrong form is refused, and changes nothing',
  async (t) => {
    const { path } = await withOrg(muster)
    const before = await dump(muster.db)
    const put = (members: object[], query = '') => backend.put(`${path}/members${query}`, { members })
    t.match(await put([{ userId: 'x', role: 'member' }]), { status: 409, body: { code: 'last_admin' } })
    t.match(
      await put([
        { userId: 'x', role: 'admin' },
        { userId: 'x', role: 'member' },
      ]),
      { status: 400, body: { errors: [{ pointer: '/members/1/userId' }] } },
    )
    t.match(await put([{ userId: 'x', role: 'admin', email: `@${'x'.repeat(9)}` }]), {
      status: 400,
      body: { errors: [{ pointer: '/members/0/email' }] },
    })
    t.equal((await put([])).status, 400)
    t.equal((await put([{ userId: 'x', role: 'owner' }])).status, 400)
    for (const dryRun of ['yes', '1', 'TRUE', ''])
      t.equal((await put([{ userId: 'x', role: 'admin' }], `?dryRun=${dryRun}`)).status, 400, dryRun)
    const tooMany = Array.from({ length: 10_001 }, (_, number) => ({ userId: `u${number}`, role: 'admin' }))
    t.equal((await put(tooMany)).status, 400)
    t.same(await dump(muster.db), before)
  },
)

t.test('ten thousand members are one transaction, well within the time of a request', async (t) => {
  const { path } = await withOrg(muster)
  const crowd = (from: number, role: string) =>
    Array.from({ length: 9_999 }, (_, number) => ({
      ...{ userId: `crowd-${from + number}`, role, email: `crowd-${from + number}@example.com`, name: 'C' },
    }))
  const alice = { userId: 'alice', role: 'admin' }
  for (const [what, members, expected] of [
    ['added', [alice, ...crowd(0, 'member')], 9_999],
    ['changed', [alice, ...crowd(0, 'accounting')], 9_999],
    ['removed', [alice, ...crowd(5_000, 'accounting')], 5_000],
  ] as const) {
    const begun = performance.now()
    const { status, body } = await backend.put(`${path}/members`, { members })
    t.comment(`${expected} ${what}: ${Math.round(performance.now() - begun)} ms`)
    t.equal(status, 200)
    t.equal(body[what].length, expected)
  }
  const { rows } = await muster.db.pool.query(
    'select last_sequence::int as last, (select count(*)::int from events where org_id = orgs.id) as count from orgs where id = $1',
    [path.slice('/orgs/'.length)],
  )
  t.same(rows, [{ last: 2 + 9_999 * 2 + 10_000 - 1 + 1, count: 2 + 9_999 * 2 + 10_000 - 1 + 1 }])
})

t.test(
  'the hook of an identity provider makes an account, with an organisation of its own, once',
  async (t) => {
    const first = await backend.put('/users/hook%7C1', {
      ...{ email: 'hugo@example.com', emailVerified: true, name: 'Hugo' },
    })
    t.match(first, {
      status: 201,
      body: {
        user: { id: 'hook|1', email: 'hugo@example.com', emailVerified: true, name: 'Hugo' },
        orgs: [{ name: "Hugo's organisation", role: 'admin' }],
        moreOrgs: false,
      },
    })
    t.match(await backend.put('/users/hook%7C1', {}), { status: 200, body: first.body })
    t.match(await muster.user('hook|1').put('/me'), { status: 200, body: { orgs: first.body.orgs } })
    t.match(await backend.get('/users/hook%7C1'), { status: 200, body: { user: { id: 'hook|1' } } })
    t.match(await backend.get('/users/nobody'), { status: 404, body: { code: 'user_not_found' } })
  },
)

t.test('two hooks at once make one organisation', async (t) => {
  const replies = await Promise.all([1, 2, 3, 4].map(() => backend.put('/users/twice', { name: 'T' })))
  t.same(replies.map(({ status }) => status).sort(), [200, 200, 200, 201])
  t.equal((await backend.get('/users/twice')).body.orgs.length, 1)
})
