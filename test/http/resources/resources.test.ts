import t from 'tap'
import { dump } from '../../support/dump.ts'
import { startMuster, withOrg } from '../../support/muster.ts'
import { plant } from '../../support/tree.ts'

const muster = await startMuster(t)

const NOWHERE = '01980f3b-1a2b-7c3d-8e4f-5a6b7c8d9e0f'

t.test('a resource is created at the root, and read as it was answered', async (t) => {
  const { alice, org, path } = await withOrg(muster)
  const created = await alice.post(`${path}/resources`, { type: 'workspace', name: 'Design' })
  t.equal(created.status, 201)
  const { id, createdAt, updatedAt, ...rest } = created.body
  t.same(rest, {
    orgId: org.id,
    parentId: null,
    type: 'workspace',
    name: 'Design',
    externalId: null,
    metadata: {},
    role: 'admin',
    version: 1,
  })
  t.match(createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  t.equal(updatedAt, createdAt)
  t.equal(created.headers.get('location'), `${path}/resources/${id}`)
  t.equal(created.headers.get('etag'), '"1"')
  const read = await alice.get(`${path}/resources/${id}`)
  t.match(read, { status: 200, body: created.body })
  t.equal(read.headers.get('etag'), '"1"')
})

t.test('one below another has all that was said of it', async (t) => {
  const { admin, path, design } = await plant(muster)
  const wanted = {
    type: 'domain',
    name: 'Grüße, 🦀',
    parentId: design,
    externalId: 'ws-42/ü',
    metadata: { plan: { seats: [1, null, 'x'] } },
  }
  const { status, body } = await admin.post(`${path}/resources`, wanted)
  t.equal(status, 201)
  t.match(body, wanted)
  t.match((await admin.get(`${path}/resources/${body.id}`)).body, wanted)
})

t.test('the root is for Admins and backends, a place below another for Admins of that', async (t) => {
  const { admin, accounting, member, carl, path, design, site, shop, service, grant } = await plant(muster)
  await grant('bob', 'admin', site)
  await grant('carl', 'accounting', site)
  const under = (parentId: string | null) => ({ type: 'project', name: 'New', parentId })
  const forbidden = { status: 403, body: { code: 'forbidden' } }
  const before = await dump(muster.db)
  for (const caller of [accounting, member, carl]) {
    t.match(await caller.post(`${path}/resources`, { type: 'project', name: 'New' }), forbidden)
    t.match(await caller.post(`${path}/resources`, under(null)), forbidden)
    t.match(await caller.post(`${path}/resources`, under(design)), forbidden)
  }
  for (const caller of [accounting, carl])
    t.match(await caller.post(`${path}/resources`, under(shop)), forbidden)
  for (const scope of ['muster:read', 'muster:check'])
    t.match(await muster.service(scope).post(`${path}/resources`, under(null)), forbidden)
  for (const parentId of [null, design])
    t.match(await muster.user('mallory').post(`${path}/resources`, under(parentId)), {
      status: 404,
      body: { code: 'org_not_found' },
    })
  t.same(await dump(muster.db), before)
  t.match(await admin.post(`${path}/resources`, under(null)), { status: 201, body: { role: 'admin' } })
  t.match(await service.post(`${path}/resources`, under(shop)), { status: 201, body: { role: null } })
  for (const parentId of [site, shop])
    t.match(await member.post(`${path}/resources`, under(parentId)), {
      status: 201,
      body: { parentId, role: 'admin' },
    })
})

t.test('a change sets what is given, and nothing else', async (t) => {
  const { admin, design, site, at } = await plant(muster)
  const { body: before } = await admin.get(at(site))
  await admin.patch(at(site), { metadata: { a: 1, b: 2 } })
  const { status, body: after } = await admin.patch(at(site), { name: 'Renamed', metadata: { b: 3 } })
  t.equal(status, 200)
  const { updatedAt } = after
  t.same(after, { ...before, name: 'Renamed', metadata: { b: 3 }, version: 3, updatedAt })
  t.ok(updatedAt > before.updatedAt)
  t.same((await admin.get(at(site))).body, after)
  for (const change of [{}, { parentId: design }, { parentId: design.toUpperCase() }])
    t.match(await admin.patch(at(site), change), { status: 200, body: after }, 'which is no change')
})

t.test('each reads and changes as far as their role there goes', async (t) => {
  const { admin, accounting, member, carl, service, site, at, grant } = await plant(muster)
  t.match(await member.get(at(site)), { status: 403, body: { code: 'forbidden' } })
  await grant('bob', 'member', site)
  await grant('carl', 'admin', site)
  const reads = { admin, accounting, member }
  for (const [role, caller] of Object.entries(reads)) t.equal((await caller.get(at(site))).body.role, role)
  t.match(await carl.get(at(site)), { status: 200, body: { role: 'admin' } })
  t.match(await muster.service('muster:read').get(at(site)), { status: 200, body: { role: null } })
  for (const caller of [accounting, member, muster.service('muster:read')]) {
    t.match(await caller.patch(at(site), { name: 'Mine' }), { status: 403, body: { code: 'forbidden' } })
    t.match(await caller.delete(at(site)), { status: 403, body: { code: 'forbidden' } })
  }
  for (const [n, caller] of [admin, carl, service].entries())
    t.match(await caller.patch(at(site), { name: `${n}` }), { status: 200, body: { version: n + 2 } })
  t.equal((await carl.delete(at(site))).status, 204)
})

t.test('what is not there is told from what is forbidden, but not to a stranger', async (t) => {
  const { admin, member, service, at } = await plant(muster)
  const elsewhere = await plant(muster)
  for (const id of [NOWHERE, elsewhere.shop])
    for (const caller of [admin, member, service])
      for (const reply of [
        await caller.get(at(id)),
        await caller.patch(at(id), { name: 'Mine' }),
        await caller.delete(at(id)),
      ])
        t.match(reply, { status: 404, body: { code: 'resource_not_found' } })
  for (const id of [NOWHERE, elsewhere.shop])
    t.match(await muster.user('mallory').get(at(id)), { status: 404, body: { code: 'org_not_found' } })
  for (const id of ['x', '1', 'null', `${NOWHERE}0`])
    t.match(await admin.get(at(id)), { status: 400, body: { code: 'invalid_request' } })
})

t.test('a creation sent twice under one key creates one, for who may still create', async (t) => {
  const { member, admin, path, site, at, grant } = await plant(muster)
  await grant('bob', 'admin', site)
  const create = () =>
    member.post(
      `${path}/resources`,
      { type: 'project', name: 'Once', parentId: site },
      { 'idempotency-key': 'a' },
    )
  const first = await create()
  const again = await create()
  t.same(again.body, first.body)
  t.equal(again.headers.get('idempotency-replayed'), 'true')
  t.equal(again.headers.get('location'), at(first.body.id))
  t.equal((await admin.get(`${path}/resources?parentId=${site}`)).body.data.length, 2, 'the shop, and it')
  await grant('bob', 'member', site)
  t.match(await create(), { status: 403, body: { code: 'forbidden' } })
})
