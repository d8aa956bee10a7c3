import t from 'tap'
import { dump } from '../../support/dump.ts'
import { joinAs, startMuster, withOrg } from '../../support/muster.ts'
import { callOf, furnish, send } from '../../support/operations.ts'

const muster = await startMuster(t)

type Listed = { readonly userId: string }

t.test('members are listed in the order they joined', async (t) => {
  const { alice, path } = await withOrg(muster)
  for (const id of ['zed', 'amy', 'bob']) await joinAs(muster, path, id)
  const { status, body } = await alice.get(`${path}/members`)
  t.equal(status, 200)
  t.equal(body.next, null)
  t.same(
    body.data.map(({ userId }: Listed) => userId),
    ['alice', 'zed', 'amy', 'bob'],
  )
  const { joinedAt, ...zed } = body.data[1]
  t.same(zed, {
    userId: 'zed',
    name: 'Zed',
    email: 'zed@example.com',
    role: 'member',
    source: 'invitation',
    version: 1,
  })
  t.match(joinedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

t.test('one member is read as in the list', async (t) => {
  const { member, path } = await furnish(muster)
  const { body } = await member.get(`${path}/members?q=alice`)
  const { status, body: alice, headers } = await member.get(`${path}/members/alice`)
  t.equal(status, 200)
  t.same(alice, body.data[0])
  t.equal(headers.get('etag'), `"${alice.version}"`)
})

t.test('members can be filtered by role, and by the beginning of a name or an address', async (t) => {
  const { alice, path } = await withOrg(muster)
  const join = (id: string, name: string, email: string, role = 'member') =>
    joinAs(muster, path, id, role).then(() => muster.user(id, { name, email }).put('/me'))
  await join('p1', 'Zoë Quinn', 'zq@example.com', 'accounting')
  await join('p2', '100% Real_Name', 'real@other.example')
  await join('p3', 'ÅSA', 'zoe@example.com')

  const found = async (query: Record<string, string>) => {
    const { status, body } = await alice.get(`${path}/members?${new URLSearchParams(query)}`)
    t.equal(status, 200)
    return body.data.map(({ userId }: Listed) => userId)
  }
  t.same(await found({ role: 'admin' }), ['alice'])
  t.same(await found({ role: 'accounting' }), ['p1'])
  t.same(await found({ q: 'zo' }), ['p1', 'p3'])
  t.same(await found({ q: 'ZOË' }), ['p1'])
  t.same(await found({ q: 'åsa' }), ['p3'])
  t.same(await found({ q: 'real@OTHER' }), ['p2'])
  t.same(await found({ q: 'quinn' }), [], 'a prefix, not a part')
  t.same(await found({ q: '%' }), [])
  t.same(await found({ q: '_' }), [])
  t.same(await found({ q: '100%' }), ['p2'])
  t.same(await found({ q: "' or true --" }), [])
  t.same(await found({ q: 'zo', role: 'accounting' }), ['p1'])
  t.same(await found({ q: 'zo', role: 'admin' }), [])
})

t.test('a filter that is none is refused', async (t) => {
  const { alice, path } = await withOrg(muster)
  for (const query of [
    'role=owner',
    'role=',
    'role=admin&role=member',
    'q=',
    `q=${'x'.repeat(101)}`,
    'q=%00',
  ])
    t.match(await alice.get(`${path}/members?${query}`), { status: 400, body: { code: 'invalid_request' } })
})

t.test('an Admin and a backend change roles', async (t) => {
  const { admin, service, member, path } = await furnish(muster)
  const promoted = await admin.patch(`${path}/members/bob`, { role: 'accounting' })
  t.equal(promoted.status, 200)
  t.match(promoted.body, { userId: 'bob', name: 'Bob', role: 'accounting', version: 2 })
  t.equal(promoted.headers.get('etag'), '"2"')
  t.match((await service.patch(`${path}/members/bob`, { role: 'admin' })).body, { role: 'admin', version: 3 })
  t.equal((await member.get(path)).body.role, 'admin')
})

t.test('the role somebody has already is no change', async (t) => {
  const { admin, path } = await furnish(muster)
  const before = await dump(muster.db)
  t.match(await admin.patch(`${path}/members/bob`, { role: 'member' }), { status: 200, body: { version: 1 } })
  t.match(await admin.patch(`${path}/members/alice`, { role: 'admin' }), {
    status: 200,
    body: { version: 1 },
  })
  t.same(await dump(muster.db), before)
})

t.test('a role holds from the next request on', async (t) => {
  const { admin, member, path } = await furnish(muster)
  t.equal((await member.patch(path, { name: 'Acme' })).status, 403)
  await admin.patch(`${path}/members/bob`, { role: 'admin' })
  t.equal((await member.patch(path, { name: 'Acme' })).status, 200)
  await member.patch(`${path}/members/alice`, { role: 'member' })
  t.equal((await admin.patch(path, { name: 'Acme' })).status, 403)
})

t.test('the only Admin can neither step down nor be removed, by anybody', async (t) => {
  const { admin, service, path } = await furnish(muster)
  const alice = `${path}/members/alice`
  const before = await dump(muster.db)
  for (const caller of [admin, service]) {
    for (const role of ['member', 'accounting'])
      t.match(await caller.patch(alice, { role }), { status: 409, body: { code: 'last_admin' } })
    t.match(await caller.delete(alice), { status: 409, body: { code: 'last_admin' } })
  }
  t.same(await dump(muster.db), before)
})

t.test(
  'of two Admins each may step down, be demoted or be removed, and then the other is the only one',
  async (t) => {
    for (const go of ['step down', 'be demoted', 'be removed', 'remove oneself']) {
      const { admin, member, path } = await furnish(muster)
      const alice = `${path}/members/alice`
      await admin.patch(`${path}/members/bob`, { role: 'admin' })
      if (go === 'step down') t.equal((await admin.patch(alice, { role: 'member' })).status, 200, go)
      if (go === 'be demoted') t.equal((await member.patch(alice, { role: 'accounting' })).status, 200, go)
      if (go === 'be removed') t.equal((await member.delete(alice)).status, 204, go)
      if (go === 'remove oneself') t.equal((await admin.delete(alice)).status, 204, go)
      t.match(await member.delete(`${path}/members/bob`), { status: 409, body: { code: 'last_admin' } }, go)
    }
  },
)

t.test('every right of a removed member ends with the answer', async (t) => {
  const place = await furnish(muster)
  const { admin, member, path, orgId } = place
  await admin.patch(`${path}/members/bob`, { role: 'admin' })
  t.match(await admin.delete(`${path}/members/bob`), { status: 204, body: '' })
  for (const operation of ['getOrg', 'updateOrg', 'listMembers', 'changeRole', 'invite', 'listInvitations'])
    t.match(await send(member, callOf(operation, place)), { status: 404, body: { code: 'org_not_found' } })
  t.notMatch(JSON.stringify((await member.get('/orgs?limit=100')).body), orgId)
  t.notMatch(JSON.stringify((await member.get('/me')).body), orgId)
  t.match(await admin.delete(`${path}/members/bob`), { status: 404, body: { code: 'member_not_found' } })
})

t.test('who is no member is not found among them', async (t) => {
  const { admin, path } = await furnish(muster)
  const elsewhere = await withOrg(muster, 'Elsewhere')
  await joinAs(muster, elsewhere.path, 'else')
  for (const id of ['nobody', 'else', 'Bob', 'BOB', 'bob%20', '..%2fmembers%2fbob', '%25']) {
    const found = { status: 404, body: { code: 'member_not_found' } }
    t.match(await admin.get(`${path}/members/${id}`), found, id)
    t.match(await admin.patch(`${path}/members/${id}`, { role: 'admin' }), found, id)
    t.match(await admin.delete(`${path}/members/${id}`), found, id)
  }
})

t.test('a member may have any id that an identity provider gives', async (t) => {
  const { alice, path } = await withOrg(muster)
  const ids = ['auth0|64f1c0ffee', 'a/b?c#d&e=f', 'ünï 🦀', '%2F', 'x'.repeat(255), 'ü'.repeat(255)]
  for (const [n, id] of ids.entries()) {
    const email = `odd${n}@example.com`
    const { body } = await alice.post(`${path}/invitations`, { email, notify: false })
    const accepted = await muster.user(id, { email }).post(`/invitations/${body.code}/accept`)
    t.equal(accepted.status, 201, id)
    const member = `${path}/members/${encodeURIComponent(id)}`
    t.equal((await alice.get(member)).body.userId, id, id)
  }
})

t.test('a role is one of three words, and the only field', async (t) => {
  const { admin, path } = await furnish(muster)
  const before = await dump(muster.db)
  for (const role of ['owner', 'Admin', 'ADMIN', '', null, 1, true, ['admin'], { role: 'admin' }])
    t.match(await admin.patch(`${path}/members/bob`, { role }), {
      status: 400,
      body: { code: 'invalid_request', errors: [{ pointer: '/role' }] },
    })
  for (const body of [undefined, {}, { role: 'admin', userId: 'bob' }, [], 'admin'])
    t.match(await admin.patch(`${path}/members/bob`, body), {
      status: 400,
      body: { code: 'invalid_request' },
    })
  t.same(await dump(muster.db), before)
})
