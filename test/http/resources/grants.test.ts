import t from 'tap'
import { dump } from '../../support/dump.ts'
import { startMuster } from '../../support/muster.ts'
import { plant } from '../../support/tree.ts'

const muster = await startMuster(t)

const forbidden = { status: 403, body: { code: 'forbidden' } }
const grantNotFound = { status: 404, body: { code: 'grant_not_found' } }

t.test('a role is granted, changed and withdrawn, each with the next request', async (t) => {
  const { admin, member, orgId, site, at } = await plant(muster)
  const grant = `${at(site)}/members/bob`
  t.match(await member.get(at(site)), forbidden)
  const granted = await admin.put(grant, { role: 'member' })
  t.equal(granted.status, 201)
  t.equal(granted.headers.get('etag'), '"1"')
  const { grantedAt, ...rest } = granted.body
  t.same(rest, {
    orgId,
    resourceId: site,
    userId: 'bob',
    role: 'member',
    grantedBy: { type: 'user', userId: 'alice', name: 'Alice' },
    version: 1,
  })
  t.match(grantedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  t.equal((await member.get(at(site))).body.role, 'member')
  const changed = await admin.put(grant, { role: 'admin' })
  t.match(changed, { status: 200, body: { role: 'admin', version: 2 } })
  t.ok(changed.body.grantedAt > grantedAt)
  t.equal((await member.get(at(site))).body.role, 'admin')
  t.match(await admin.delete(grant), { status: 204, body: '' })
  t.match(await member.get(at(site)), forbidden)
  t.match(await admin.delete(grant), grantNotFound)
  t.match(await admin.put(grant, { role: 'member' }), { status: 201, body: { version: 1 } }, 'a new one')
})

t.test('the role somebody was granted already is no change, whoever grants it again', async (t) => {
  const { admin, service, site, at } = await plant(muster)
  const grant = `${at(site)}/members/bob`
  const { body } = await admin.put(grant, { role: 'accounting' })
  const before = await dump(muster.db)
  for (const caller of [admin, service])
    t.match(await caller.put(grant, { role: 'accounting' }), { status: 200, body })
  t.same(await dump(muster.db), before)
  t.match((await service.put(grant, { role: 'member' })).body, {
    grantedBy: { type: 'service', userId: 'backend', name: null },
  })
})

t.test('who is Admin of a resource grants there and below, and nowhere else', async (t) => {
  const { admin, accounting, member, carl, design, site, shop, sales, at, grant } = await plant(muster)
  await grant('bob', 'admin', site)
  await grant('carl', 'accounting', design)
  const before = await dump(muster.db)
  const tries = [
    [member, design],
    [member, sales],
    [carl, design],
    [carl, shop],
    [accounting, site],
    [muster.service('muster:read'), site],
    [muster.service('muster:check'), site],
  ] as const
  for (const [caller, id] of tries) {
    t.match(await caller.put(`${at(id)}/members/amy`, { role: 'member' }), forbidden)
    t.match(await caller.delete(`${at(id)}/members/carl`), forbidden)
  }
  for (const reply of [
    await muster.user('mallory').put(`${at(site)}/members/mallory`, { role: 'admin' }),
    await muster.user('mallory').delete(`${at(site)}/members/bob`),
  ])
    t.match(reply, { status: 404, body: { code: 'org_not_found' } })
  t.same(await dump(muster.db), before)
  for (const id of [site, shop])
    t.match(await member.put(`${at(id)}/members/carl`, { role: 'admin' }), {
      status: 201,
      body: { grantedBy: { userId: 'bob', name: 'Bob' } },
    })
  t.equal((await carl.delete(`${at(site)}/members/bob`)).status, 204, 'one Admin of a resource, another one')
  t.match(await member.get(at(site)), forbidden)
  t.equal((await admin.put(`${at(site)}/members/bob`, { role: 'admin' })).status, 201)
  t.equal((await member.put(`${at(site)}/members/bob`, { role: 'member' })).status, 200, 'stepping down')
  t.match(await member.put(`${at(site)}/members/bob`, { role: 'admin' }), forbidden)
})

t.test('only what was granted on this very resource can be withdrawn from it', async (t) => {
  const { admin, member, design, site, shop, at, grant } = await plant(muster)
  await grant('bob', 'member', design)
  await grant('bob', 'admin', shop)
  const before = await dump(muster.db)
  for (const id of ['bob', 'alice', 'nobody'])
    t.match(await admin.delete(`${at(site)}/members/${id}`), grantNotFound)
  t.same(await dump(muster.db), before)
  await admin.delete(`${at(shop)}/members/bob`)
  t.equal((await member.get(at(shop))).body.role, 'member', 'what comes from above stays')
})

t.test('a user grants to members only', async (t) => {
  const { admin, member, site, at, grant } = await plant(muster)
  await grant('bob', 'admin', site)
  await muster.user('erin').put('/me')
  const before = await dump(muster.db)
  for (const caller of [admin, member])
    for (const id of ['erin', 'nobody', 'Carl', 'carl%20', 'dave'])
      t.match(
        await caller.put(`${at(site)}/members/${id}`, { role: 'member' }),
        { status: 404, body: { code: 'member_not_found' } },
        id,
      )
  t.same(await dump(muster.db), before)
})

t.test('who is granted a role by a backend becomes a Member with the same answer', async (t) => {
  const { admin, service, path, site, shop, sales, at } = await plant(muster)
  const erin = muster.user('erin')
  t.match(await erin.get(path), { status: 404 })
  t.match(await service.put(`${at(site)}/members/erin`, { role: 'accounting' }), { status: 201 })
  t.match(await admin.get(`${path}/members/erin`), {
    body: { role: 'member', source: 'provisioned', version: 1 },
  })
  t.match(await erin.get(path), { status: 200, body: { role: 'member' } })
  t.match(await erin.get(at(shop)), { status: 200, body: { role: 'accounting' } })
  t.match(await erin.get(at(sales)), forbidden)

  const unheard = 'auth0|a/b?c#d ü'
  await service.put(`${at(site)}/members/${encodeURIComponent(unheard)}`, { role: 'member' })
  t.match(await muster.user(unheard).get(at(site)), { status: 200, body: { role: 'member' } })
  await service.delete(`${at(site)}/members/${encodeURIComponent(unheard)}`)
  t.match(await muster.user(unheard).get(path), { status: 200 }, 'a Member they stay')

  await admin.patch(`${path}/members/amy`, { role: 'admin' })
  await service.put(`${at(site)}/members/amy`, { role: 'member' })
  t.match((await admin.get(`${path}/members/amy`)).body, { role: 'admin', version: 2 }, 'none loses a role')
})

t.test('nobody becomes a Member by a grant that is refused', async (t) => {
  const { service, path, site, at } = await plant(muster)
  const elsewhere = await plant(muster)
  const before = await dump(muster.db)
  const role = { role: 'member' }
  t.match(await service.put(`${at(elsewhere.site)}/members/fred`, role), {
    status: 404,
    body: { code: 'resource_not_found' },
  })
  t.match(await service.put(`${at(site)}/members/fred`, role, { 'if-match': '"1"' }), { status: 412 })
  t.match(await service.put(`${at(site)}/members/fred`, { role: 'owner' }), { status: 400 })
  t.match(await muster.service('muster:read').put(`${at(site)}/members/fred`, role), forbidden)
  t.same(await dump(muster.db), before)
  t.match(await muster.user('fred').get(path), { status: 404 })
})

t.test('a grant has a version of its own, which If-Match is about', async (t) => {
  const { admin, site, at } = await plant(muster)
  await admin.patch(at(site), { name: 'Version two' })
  const grant = `${at(site)}/members/bob`
  const stale = { status: 412, body: { code: 'version_mismatch' } }
  const before = await dump(muster.db)
  for (const tag of ['"1"', '"2"', 'W/"0"', 'x'])
    t.match(await admin.put(grant, { role: 'member' }, { 'if-match': tag }), stale, 'there is none')
  for (const tag of ['"1"', '*'])
    t.match(await admin.delete(grant, { 'if-match': tag }), grantNotFound, 'there is none')
  t.same(await dump(muster.db), before)

  t.match(await admin.put(grant, { role: 'member' }, { 'if-match': '"0"' }), { status: 201 }, 'none yet')
  t.match(await admin.put(grant, { role: 'admin' }, { 'if-match': '"0"' }), stale)
  t.match(await admin.put(grant, { role: 'admin' }, { 'if-match': '"2"' }), stale)
  t.match(await admin.put(grant, { role: 'member' }, { 'if-match': '"2"' }), stale, 'also for no change')
  t.match(await admin.delete(grant, { 'if-match': '"2"' }), stale)
  t.match(await admin.put(grant, { role: 'admin' }, { 'if-match': '"1"' }), {
    status: 200,
    body: { version: 2 },
  })
  t.match(await admin.put(grant, { role: 'member' }, { 'if-match': '*' }), { body: { version: 3 } })
  t.match(await admin.delete(grant, { 'if-match': '"3"' }), { status: 204 })
})

t.test('If-Match: * changes a grant that is there, and makes none (RFC 9110, 13.1.1)', async (t) => {
  const { admin, site, at } = await plant(muster)
  const before = await dump(muster.db)
  t.match(await admin.put(`${at(site)}/members/bob`, { role: 'member' }, { 'if-match': '*' }), {
    status: 412,
    body: { code: 'version_mismatch' },
  })
  t.same(await dump(muster.db), before)
})

t.test('a role is one of three words, and the only field', async (t) => {
  const { admin, service, site, at } = await plant(muster)
  const before = await dump(muster.db)
  for (const caller of [admin, service]) {
    for (const role of ['owner', 'Admin', '', null, 1, ['admin']])
      t.match(await caller.put(`${at(site)}/members/bob`, { role }), {
        status: 400,
        body: { code: 'invalid_request', errors: [{ pointer: '/role' }] },
      })
    for (const body of [undefined, {}, { role: 'admin', userId: 'carl' }, [], 'admin'])
      t.match(await caller.put(`${at(site)}/members/bob`, body), { status: 400 })
    t.match(await caller.put(`${at(site)}/members/a%00b`, { role: 'member' }), { status: 400 })
    t.match(await caller.put(`${at(site)}/members/${'x'.repeat(256)}`, { role: 'member' }), { status: 400 })
  }
  t.same(await dump(muster.db), before)
})
