import t from 'tap'
import { type Caller, joinAs, startMuster, withOrg } from '../../support/muster.ts'

const muster = await startMuster(t)
const backend = muster.service('muster:write')

t.test('whoever creates an organisation is its Admin', async (t) => {
  const alice = muster.user('alice')
  const { status, body, headers } = await alice.post('/orgs', {
    name: 'Acme',
    slug: 'acme',
    metadata: { plan: 'team', seats: 5, tags: ['a', null] },
  })
  t.equal(status, 201)
  t.equal(headers.get('location'), `/orgs/${body.id}`)
  t.equal(headers.get('etag'), '"1"')
  t.match(body.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  t.match(body.createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  const { id, createdAt, updatedAt, ...rest } = body
  t.equal(updatedAt, createdAt)
  t.same(rest, {
    name: 'Acme',
    slug: 'acme',
    logoUrl: null,
    memberAccess: 'granted',
    metadata: { plan: 'team', seats: 5, tags: ['a', null] },
    externalId: null,
    version: 1,
    role: 'admin',
  })
  t.same((await alice.get(`/orgs/${id}`)).body, body)
  t.match((await alice.get(`/orgs/${id}/members`)).body.data, [
    { userId: 'alice', name: 'Alice', role: 'admin', source: 'created', version: 1 },
  ])
})

t.test('somebody who never said "I signed in" can create one, and still gets their own later', async (t) => {
  const { body } = await muster.user('eager').post('/orgs', { name: 'Early' })
  const first = await muster.user('eager').put('/me')
  t.equal(first.status, 201)
  t.match(first.body.orgs, [{ id: body.id }, { name: "Eager's organisation" }])
})

t.test('one person may create many organisations of the same name', async (t) => {
  const paul = muster.user('paul')
  const ids = new Set<string>()
  for (let n = 0; n < 3; n++) ids.add((await paul.post('/orgs', { name: 'Twin' })).body.id)
  t.equal(ids.size, 3)
  t.same(
    (await paul.get('/orgs')).body.data.map(({ id, role }: { id: string; role: string }) => [id, role]),
    [...ids].map((id) => [id, 'admin']),
  )
})

t.test('a service names the Admin, who need not be known yet', async (t) => {
  const made = await backend.post('/orgs', { name: 'Tenant', externalId: 'tenant-1', adminUserId: 'new|1' })
  t.equal(made.status, 201)
  t.match(made.body, { name: 'Tenant', externalId: 'tenant-1', role: null })
  const admin = muster.user('new|1')
  t.match((await admin.get(`/orgs/${made.body.id}`)).body, { role: 'admin', externalId: 'tenant-1' })
  t.match((await admin.get(`/orgs/${made.body.id}/members/new%7C1`)).body, {
    userId: 'new|1',
    name: null,
    email: null,
    role: 'admin',
    source: 'provisioned',
  })
})

t.test('a service that names no Admin is told what is missing', async (t) => {
  const { status, body } = await backend.post('/orgs', { name: 'Headless' })
  t.equal(status, 400)
  t.match(body, { code: 'invalid_request', errors: [{ pointer: '/adminUserId' }] })
})

t.test('externalId and adminUserId are not for users', async (t) => {
  for (const field of [{ externalId: 'mine' }, { adminUserId: 'alice' }, { adminUserId: 'bob' }]) {
    const { status, body } = await muster.user('alice').post('/orgs', { name: 'Own', ...field })
    t.equal(status, 403)
    t.equal(body.code, 'forbidden')
  }
})

t.test('a slug and an externalId belong to one organisation', async (t) => {
  await backend.post('/orgs', { name: 'One', slug: 'one', externalId: 'ext-1', adminUserId: 'alice' })
  const slug = await muster.user('bob').post('/orgs', { name: 'Two', slug: 'one' })
  t.equal(slug.status, 409)
  t.match(slug.body, { code: 'slug_taken', errors: [{ pointer: '/slug' }] })
  const externalId = await backend.post('/orgs', { name: 'Two', externalId: 'ext-1', adminUserId: 'alice' })
  t.equal(externalId.status, 409)
  t.match(externalId.body, { code: 'external_id_taken', errors: [{ pointer: '/externalId' }] })

  const { alice, path } = await withOrg(muster)
  const change = await alice.patch(path, { slug: 'one', name: 'Renamed' })
  t.equal(change.status, 409)
  t.equal(change.body.code, 'slug_taken')
  t.match((await alice.get(path)).body, { name: 'Acme', slug: null, version: 1 })
})

t.test('twenty who want the same slug at the same time: one gets it', async (t) => {
  const wish = (n: number) => muster.user(`racer${n}`).post('/orgs', { name: 'Race', slug: 'race' })
  const replies = await Promise.all(Array.from({ length: 20 }, (_, n) => wish(n)))
  t.equal(replies.filter(({ status }) => status === 201).length, 1)
  t.equal(replies.filter(({ body }) => body.code === 'slug_taken').length, 19)
})

t.test('a slug that was given up is free', async (t) => {
  const { alice, path } = await withOrg(muster)
  await alice.patch(path, { slug: 'given-up' })
  t.equal((await alice.patch(path, { slug: null })).body.slug, null)
  t.equal((await muster.user('bob').post('/orgs', { name: 'B', slug: 'given-up' })).status, 201)
})

t.test('a change sets the fields that are given, and leaves the others', async (t) => {
  const { alice, path, org } = await withOrg(muster)
  const change = { logoUrl: 'https://cdn.example.com/a.svg', memberAccess: 'all', metadata: { a: 1 } }
  const first = await alice.patch(path, change)
  t.equal(first.status, 200)
  t.equal(first.headers.get('etag'), '"2"')
  t.match(first.body, { ...change, name: 'Acme', slug: null, version: 2, createdAt: org.createdAt })
  t.ok(Date.parse(first.body.updatedAt) >= Date.parse(org.updatedAt))

  const second = await alice.patch(path, { name: 'Acme Ltd', slug: 'acme-ltd', metadata: { b: 2 } })
  t.match(second.body, { name: 'Acme Ltd', slug: 'acme-ltd', memberAccess: 'all', version: 3 })
  t.same(second.body.metadata, { b: 2 }, 'metadata is replaced whole')

  const cleared = await alice.patch(path, { logoUrl: null, slug: null })
  t.match(cleared.body, { logoUrl: null, slug: null, name: 'Acme Ltd', version: 4 })
  const { role, ...read } = (await alice.get(path)).body
  t.same(read, cleared.body)
})

t.test('an empty change is no change', async (t) => {
  const { alice, path, org } = await withOrg(muster)
  const { status, body } = await alice.patch(path, {})
  t.equal(status, 200)
  t.match(body, { version: 1, updatedAt: org.updatedAt })
})

t.test('an organisation is read with the role of the one who reads', async (t) => {
  const { alice, path } = await withOrg(muster)
  const amy = await joinAs(muster, path, 'amy', 'accounting')
  const bob = await joinAs(muster, path, 'bob')
  const role = async (caller: Caller) => (await caller.get(path)).body.role
  t.equal(await role(alice), 'admin')
  t.equal(await role(amy), 'accounting')
  t.equal(await role(bob), 'member')
  t.equal(await role(muster.service('muster:read')), null)
})

t.test('GET /orgs lists mine with my role, and nobody else’s', async (t) => {
  const { path } = await withOrg(muster, 'Shared')
  const lena = await joinAs(muster, path, 'lena')
  await lena.post('/orgs', { name: 'Lena’s' })
  t.match((await lena.get('/orgs')).body, {
    data: [
      { name: 'Shared', role: 'member' },
      { name: 'Lena’s', role: 'admin' },
    ],
    next: null,
  })
  t.same((await muster.user('nobody').get('/orgs')).body, { data: [], next: null })
})

t.test(
  'a service lists all, or those of one person with the role there, or the one it calls so',
  async (t) => {
    const reader = muster.service('muster:read')
    const { body: org } = await backend.post('/orgs', {
      name: 'Named',
      externalId: 'crm/7 & co',
      adminUserId: 'karl',
    })
    const named = await reader.get(`/orgs?externalId=${encodeURIComponent('crm/7 & co')}`)
    t.match(named.body, { data: [{ id: org.id, role: null }], next: null })
    t.equal(named.body.data.length, 1)
    const karls = await reader.get('/orgs?userId=karl')
    t.match(karls.body, { data: [{ id: org.id, role: 'admin' }], next: null })
    t.equal(karls.body.data.length, 1)
    t.same((await reader.get('/orgs?userId=karl&externalId=other')).body.data, [])
    t.same((await reader.get('/orgs?userId=unknown')).body.data, [])
    t.ok((await reader.get('/orgs?limit=100')).body.data.length > 10)
  },
)

t.test('the filters of services are not for users, not even for themselves', async (t) => {
  for (const query of ['userId=alice', 'userId=bob', 'externalId=x']) {
    const { status, body } = await muster.user('alice').get(`/orgs?${query}`)
    t.equal(status, 403)
    t.equal(body.code, 'forbidden')
  }
})

t.test('the id of nothing is 404, and what is no id is 400', async (t) => {
  const alice = muster.user('alice')
  const missing = await alice.get('/orgs/01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e')
  t.equal(missing.status, 404)
  t.equal(missing.body.code, 'org_not_found')
  for (const id of [
    '1',
    'acme',
    '01980f3a7c557b329a8e2f6f3b1c4d5e',
    '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5g',
  ]) {
    const { status, body } = await alice.get(`/orgs/${id}`)
    t.equal(status, 400, id)
    t.match(body, { code: 'invalid_request', errors: [{ parameter: 'orgId' }] })
  }
})
