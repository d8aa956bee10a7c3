import t from 'tap'
import { clientsOf } from '../client/clients.ts'
import { dump } from '../support/dump.ts'
import { startMuster, withOrg } from '../support/muster.ts'
import { cloneDatabase } from '../support/postgres.ts'
import { exported, LINES, member, runImport } from './importing.ts'

t.test('a file becomes organisations, members, resources and grants, each recorded', async (t) => {
  const muster = await startMuster(t)
  const { code, err } = await runImport(t, muster.databaseUrl, LINES)
  t.equal(code, 0, err)
  t.match(err, '6 added, 1 there, 0 refused', 'the organisation brought its Admin')
  const alice = muster.user('alice')
  const { body: orgs } = await alice.get('/orgs')
  t.match(orgs.data, [
    { name: 'Acme', slug: 'acme', externalId: 'acme', metadata: { plan: 'team' }, role: 'admin' },
  ])
  const path = `/orgs/${orgs.data[0].id}`
  const { data: members } = (await alice.get(`${path}/members`)).body
  t.same(members.map(({ userId, role, source }: Record<string, string>) => [userId, role, source]).sort(), [
    ['alice', 'admin', 'provisioned'],
    ['bob', 'member', 'provisioned'],
    ['carol', 'member', 'provisioned'],
  ])
  t.equal((await muster.service('muster:read').get('/users/alice')).body.user.email, 'alice@example.com')
  const { data: resources } = (await muster.user('bob').get(`${path}/resources`)).body
  t.match(resources, [
    { externalId: 'ws', role: 'admin', parentId: null },
    { externalId: 'd', role: 'admin', parentId: resources[0].id },
  ])
  const events = (await alice.get(`${path}/events?limit=100`)).body.data.reverse()
  t.same(
    events.map(({ type, sequence }: { type: string; sequence: number }) => [sequence, type]),
    [
      ...['org.created', 'member.added', 'member.added', 'resource.created', 'resource.created'],
      ...['grant.added', 'member.added', 'grant.added'],
    ].map((type, index) => [index + 1, type]),
  )
  t.match(events[0], { actor: { type: 'service', userId: 'import' } })

  const before = await dump(muster.db)
  const again = await runImport(t, muster.databaseUrl, LINES)
  t.match(again.err, '0 added, 7 there, 0 refused')
  t.same(await dump(muster.db), before, 'a second time nothing changes')
})

t.test('bad lines are told with number and reason, and never stop the rest', async (t) => {
  const muster = await startMuster(t)
  const deep = Array.from({ length: 9 }, (_, depth) => ({
    ...{ type: 'resource', org: 'acme', externalId: `r${depth}`, resourceType: 'folder', name: 'F' },
    ...(depth > 0 && { parent: `r${depth - 1}` }),
  }))
  const bad: [string | object, RegExp][] = [
    ['{"type":"org"', /not a JSON object/],
    ['[]', /its type is none of/],
    ['{"type":{"toString":1,"valueOf":1}}', /its type is none of/],
    [
      `{"type":"org","externalId":"x","name":"X","adminUserId":"a","metadata":{"n":${'['.repeat(3000)}${']'.repeat(3000)}}}`,
      /nested deeper/,
    ],
    [
      '{"type":"org","externalId":"x","name":"X","adminUserId":"a","metadata":{"n":1e400}}',
      /number too large/,
    ],
    [{ type: 'org', externalId: 'x', name: 'X', adminUserId: 'a', logoUrl: 'https://[' }, /logoUrl/],
    [{ type: 'team' }, /its type is none of org, member, resource, grant/],
    [{ type: 'member', org: 'acme', userId: 'x', role: 'owner' }, /\/role must be equal to one of/],
    [
      { type: 'member', org: 'acme', userId: 'x', role: 'member', age: 7 },
      /must NOT have additional properties: age/,
    ],
    [{ type: 'member', org: 'acme', userId: 'x', role: 'member', email: 'x' }, /\/email/],
    [{ type: 'member', org: 'nowhere', userId: 'x', role: 'member' }, /its organisation is not there/],
    [{ type: 'org', externalId: 'x', name: 'X', adminUserId: 'a', slug: 'acme' }, /has its slug/],
    [{ type: 'org', externalId: 'x', name: 'X\u0000', adminUserId: 'a' }, /NUL/],
    [{ type: 'org', externalId: 'x', name: 'X', adminUserId: 'a', metadata: { n: 'a\u0000b' } }, /NUL/],
    ['{"type":"org","externalId":"x","name":"X","adminUserId":"a","metadata":{"n":"\\ud800"}}', /surrogate/],
    [
      { type: 'resource', org: 'acme', externalId: 'y', parent: 'nowhere', resourceType: 'w', name: 'Y' },
      /parent/,
    ],
    [{ type: 'grant', org: 'acme', resource: 'nowhere', userId: 'bob', role: 'member' }, /its resource/],
    [JSON.stringify({ type: 'org', name: 'x'.repeat(2_000_000) }), /longer than 1 MiB/],
    [deep[8] ?? {}, /at most 8 deep/],
  ]
  const lines = [...LINES, ...deep.slice(0, 8), ...bad.map(([line]) => line), '', '   ']
  const { code, err, rejected } = await runImport(t, muster.databaseUrl, lines)
  t.equal(code, 2)
  t.match(err, `14 added, 1 there, ${bad.length} refused`)
  t.same(
    rejected.map(({ line }) => line).sort((a, b) => a - b),
    bad.map((_, index) => LINES.length + 8 + index + 1),
  )
  for (const [index, [, reason]] of bad.entries())
    t.match(rejected.find(({ line }) => line === LINES.length + 8 + index + 1)?.reason, reason)
})

t.test('what is exported can be imported elsewhere, and is the same there', async (t) => {
  const muster = await startMuster(t)
  await runImport(t, muster.databaseUrl, LINES)
  const { alice, own } = { alice: muster.user('alice'), own: muster.user('dave') }
  const org = (await own.post('/orgs', { name: 'Without a name of its own' })).body
  const parent = (await own.post(`/orgs/${org.id}/resources`, { type: 'workspace', name: 'W' })).body
  await own.post(`/orgs/${org.id}/resources`, { type: 'domain', name: 'D', parentId: parent.id })
  const gone = (await alice.post('/orgs', { name: 'Gone' })).body
  await alice.delete(`/orgs/${gone.id}?confirm=Gone`)

  const first = await exported(muster.databaseUrl)
  t.notMatch(first, 'Gone')
  const elsewhere = await cloneDatabase(t)
  const { code } = await runImport(t, elsewhere, first.trim().split('\n'))
  t.equal(code, 0)
  t.same((await exported(elsewhere)).split('\n').sort(), first.split('\n').sort())

  const before = await dump(muster.db)
  await runImport(t, muster.databaseUrl, first.trim().split('\n'))
  t.same(await dump(muster.db), before, 'and here it is there already')
})

t.test('of somebody who stands in several lines all that is known is kept', async (t) => {
  const muster = await startMuster(t)
  await runImport(t, muster.databaseUrl, [
    { type: 'org', externalId: 'a', name: 'A', adminUserId: 'dup' },
    { type: 'org', externalId: 'b', name: 'B', adminUserId: 'x' },
    { type: 'member', org: 'a', userId: 'dup', role: 'admin', email: 'dup@example.com', emailVerified: true },
    { type: 'member', org: 'b', userId: 'dup', role: 'member', name: 'Dup' },
  ])
  t.match((await muster.service('muster:read').get('/users/dup')).body.user, {
    ...{ email: 'dup@example.com', emailVerified: true, name: 'Dup' },
  })
})

t.test('what a line makes can be named behind it, and not before, wherever a batch ends', async (t) => {
  const url = await cloneDatabase(t)
  const org = { type: 'org', externalId: 'late', name: 'Late', adminUserId: 'a' }
  const { rejected } = await runImport(t, url, [
    { ...member(1), org: 'late' },
    org,
    { ...member(2), org: 'late' },
  ])
  t.match(rejected, [{ line: 1, reason: 'its organisation is not there' }])
})

t.test('a name that leads to two organisations leads nowhere', async (t) => {
  const muster = await startMuster(t)
  const backend = muster.service('muster:write')
  const one = (await backend.post('/orgs', { name: 'One', adminUserId: 'a' })).body
  await backend.post('/orgs', { name: 'Two', adminUserId: 'b', externalId: one.id })
  const { rejected } = await runImport(t, muster.databaseUrl, [{ ...member(1), org: one.id }])
  t.match(rejected, [{ line: 1, reason: /two organisations/ }])
})

t.test('what the API takes, an export writes so that an import takes it', async (t) => {
  const muster = await startMuster(t)
  const { alice, path } = await withOrg(muster)
  // JavaScript would write all its digits itself.
  const response = await fetch(`${muster.url}${path}`, {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${clientsOf(muster).userToken('alice')}`,
      'content-type': 'application/json',
    },
    body: `{"metadata":{"n":[${Array.from({ length: 12_000 }, () => '1e20')}]}}`,
  })
  t.equal(response.status, 200)
  for (const logoUrl of ['https://cdn.example.com:99999/logo.svg', 'https://256.256.256.256/logo.png'])
    t.equal((await alice.patch(path, { logoUrl })).status, 200, logoUrl)
  t.equal((await alice.patch(path, { logoUrl: 'https://exämple.com/ü.png' })).status, 400)

  const lines = (await exported(muster.databaseUrl)).trim().split('\n')
  t.ok((lines[0]?.length ?? 0) > 250_000, 'a number may need more characters than it came with')
  t.match(await runImport(t, await cloneDatabase(t), lines), { code: 0, rejected: [] })
  const org = {
    type: 'org',
    externalId: 'x',
    name: 'X',
    adminUserId: 'x',
    logoUrl: 'https://exämple.com/ü.png',
  }
  t.match(await runImport(t, muster.databaseUrl, [org]), { rejected: [{ reason: /logoUrl/ }] })
})

t.test(
  'who has signed up before gets no second organisation of their own, and what was named after them is',
  async (t) => {
    const muster = await startMuster(t)
    const zoe = { userId: 'zoe', role: 'admin', email: 'zoe@example.com', emailVerified: true, name: 'Zoe' }
    await runImport(t, muster.databaseUrl, [
      { type: 'org', externalId: 'acme', name: "Zoe's organisation", adminUserId: 'zoe', namedAfter: 'zoe' },
      { type: 'member', org: 'acme', ...zoe, signedUp: true },
      { type: 'member', org: 'acme', userId: 'bob', role: 'admin' },
    ])
    t.match(await muster.user('zoe').put('/me'), { status: 200, body: { orgs: { length: 1 } } })
    t.match(await muster.user('bob').put('/me'), { status: 201, body: { orgs: { length: 2 } } })
    const backend = muster.service('muster:write')
    await backend.delete('/users/zoe')
    t.match((await backend.get('/orgs?externalId=acme')).body.data, [{ name: 'My organisation' }])
  },
)

t.test('nobody is known by a line that is refused', async (t) => {
  const muster = await startMuster(t)
  const gone = (await muster.user('alice').post('/orgs', { name: 'Gone' })).body
  await muster.user('alice').post('/orgs', { name: 'Taken', slug: 'taken' })
  await muster.user('alice').delete(`/orgs/${gone.id}?confirm=Gone`)
  const users = async () => (await muster.db.pool.query('select id from users order by id')).rows
  const before = await users()
  const { rejected } = await runImport(t, muster.databaseUrl, [
    { ...member(1), org: gone.id, email: 'u1@example.com', emailVerified: true },
    { type: 'org', externalId: 'x', name: 'X', adminUserId: 'u2', slug: 'taken' },
    { ...member(3), org: 'x' },
    { ...member(4), org: 'nowhere' },
  ])
  t.equal(rejected.length, 4)
  t.same(await users(), before)
})

t.test('a name that leads to two resources leads nowhere', async (t) => {
  const muster = await startMuster(t)
  const { alice, org, path } = await withOrg(muster)
  const { body: one } = await alice.post(`${path}/resources`, { type: 'w', name: 'One' })
  await alice.post(`${path}/resources`, { type: 'w', name: 'Two', externalId: one.id })
  const lines = [
    { type: 'grant', org: org.id, resource: one.id, userId: 'bob', role: 'admin' },
    { type: 'resource', org: org.id, externalId: 'y', parent: one.id, resourceType: 'w', name: 'Y' },
    { type: 'resource', org: org.id, externalId: one.id, resourceType: 'w', name: 'Z' },
  ]
  const { rejected } = await runImport(t, muster.databaseUrl, lines)
  t.match(
    rejected,
    lines.map(() => ({ reason: /two resources/ })),
  )
})

t.test('of an organisation whose slug is taken, a later line is taken instead', async (t) => {
  const url = await cloneDatabase(t)
  const org = { type: 'org', externalId: 'x', name: 'X', adminUserId: 'a' }
  const { rejected, err } = await runImport(t, url, [
    ...[{ ...org, externalId: 'first', slug: 'taken' }, { ...org, slug: 'taken' }, org, org],
    { ...member(1), org: 'x' },
  ])
  t.match(rejected, [{ line: 2, reason: /slug/ }])
  t.match(err, '3 added, 1 there, 1 refused')
})

t.test(
  'what was named after somebody is theirs to erase, also when it has another name or is no longer theirs',
  async (t) => {
    const muster = await startMuster(t)
    await runImport(t, muster.databaseUrl, [
      {
        type: 'org',
        externalId: 'one',
        name: "Zoe Quux's organisation",
        adminUserId: 'zoe',
        namedAfter: 'zoe',
      },
      { type: 'member', org: 'one', userId: 'bob', role: 'admin' },
      {
        type: 'org',
        externalId: 'two',
        name: "Max Quux's organisation",
        adminUserId: 'bob',
        namedAfter: 'max',
      },
    ])
    const backend = muster.service('muster:read muster:write')
    const [one] = (await backend.get('/orgs?externalId=one')).body.data
    await backend.patch(`/orgs/${one.id}`, { name: 'Acme' })
    for (const id of ['zoe', 'max']) t.equal((await backend.delete(`/users/${id}`)).status, 200, id)
    t.notMatch(JSON.stringify(await dump(muster.db)), /Quux|zoe|"max"/)
  },
)
