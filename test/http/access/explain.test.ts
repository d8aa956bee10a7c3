import t from 'tap'
import { joinAs, type Reply, startMuster } from '../../support/muster.ts'
import { grow, plant, readPages, type Tree } from '../../support/tree.ts'

const muster = await startMuster(t)

type Place = Reply['body']

async function explain({ admin, path }: Tree, userId: string, query = ''): Promise<Place[]> {
  return readPages(admin, `${path}/members/${userId}/access${query}`, 100)
}

t.test('the organisation comes first, then each resource that the member may read', async (t) => {
  const tree = await plant(muster)
  const { orgId, design, site, shop, grant } = tree
  await grant('bob', 'accounting', site)
  const [org, ...resources] = await explain(tree, 'bob')
  t.same(org.resource, null)
  t.match(org, { role: 'member', reasons: [{ source: { type: 'organization', id: orgId, name: 'Acme' } }] })
  t.same(org.permissions.toSorted(), ['members:read', 'org:read'])
  t.same(
    resources.map(({ resource }) => resource),
    [
      { id: site, type: 'place', name: 'site', parentId: design },
      { id: shop, type: 'place', name: 'shop', parentId: site },
    ],
  )
  for (const { role, permissions, reasons } of resources) {
    t.equal(role, 'accounting')
    t.same(permissions.toSorted(), ['billing:read', 'billing:update', 'resource:read'])
    t.match(reasons, [{ role: 'accounting', source: { type: 'resource', id: site, name: 'site' } }])
    t.equal(reasons.length, 1)
  }
})

t.test('resourceId asks about one resource, and what may not be read there is nothing', async (t) => {
  const tree = await plant(muster)
  const elsewhere = await plant(muster)
  const { design, shop, sales, grant } = tree
  await grant('bob', 'admin', design)
  for (const user of ['alice', 'amy', 'bob'])
    t.same(
      (await explain(tree, user, `?resourceId=${shop}`)).map(({ resource }) => resource?.id),
      [shop],
      user,
    )
  t.same(await explain(tree, 'bob', `?resourceId=${sales}`), [])
  t.same(await explain(tree, 'carl', `?resourceId=${shop}`), [])
  for (const user of ['alice', 'amy', 'bob'])
    for (const id of [elsewhere.shop, tree.orgId, '01980f3b-1a2b-7c3d-8e4f-5a6b7c8d9e0f'])
      t.same(await explain(tree, user, `?resourceId=${id}`), [], user)
})

t.test('the member, an Admin and a backend may ask, and nobody else', async (t) => {
  const tree = await plant(muster)
  const { admin, accounting, member, carl, service, path, design, grant } = tree
  await grant('bob', 'admin', design)
  const ofCarl = `${path}/members/carl/access`
  for (const caller of [carl, admin, service, muster.service('muster:read')])
    t.match(await caller.get(ofCarl), { status: 200, body: { data: [{ resource: null, role: 'member' }] } })
  for (const caller of [accounting, member, muster.service('muster:check')])
    t.match(await caller.get(ofCarl), { status: 403, body: { code: 'forbidden' } })
  for (const id of ['carl', 'mallory', 'nobody'])
    t.match(await muster.user('mallory').get(`${path}/members/${id}/access`), {
      status: 404,
      body: { code: 'org_not_found' },
    })
  await muster.user('erin').put('/me')
  for (const caller of [admin, service])
    for (const id of ['nobody', 'erin', 'dave', 'Carl'])
      t.match(await caller.get(`${path}/members/${id}/access`), {
        status: 404,
        body: { code: 'member_not_found' },
      })
  for (const id of ['nobody', 'alice', 'amy'])
    t.match(await member.get(`${path}/members/${id}/access`), { status: 403 }, 'who is none looks the same')
  await admin.delete(`${path}?confirm=Acme`)
  for (const caller of [carl, admin, service])
    t.match(await caller.get(ofCarl), { status: 404, body: { code: 'org_not_found' } })
})

t.test('pages of any size go through the organisation and every resource once', async (t) => {
  const tree = await plant(muster)
  const { admin, path, design, shop, sales, grant } = tree
  for (const id of [design, shop, sales]) await grant('bob', 'accounting', id)
  for (const [user, count] of Object.entries({ alice: 6, amy: 6, bob: 6, carl: 1 })) {
    const whole = await explain(tree, user)
    t.equal(whole.length, count, user)
    for (let limit = 1; limit <= count + 1; limit++)
      t.same(await readPages(admin, `${path}/members/${user}/access`, limit), whole, `${user} by ${limit}`)
  }
  await admin.patch(path, { memberAccess: 'all' })
  t.same(
    await readPages(admin, `${path}/members/carl/access`, 1),
    await explain(tree, 'carl'),
    'and where memberAccess is all',
  )
})

t.test('a page whose resources have gone meanwhile is empty', async (t) => {
  for (const [user, role] of Object.entries({ alice: 'admin', amy: 'accounting', erin: 'member' })) {
    const { admin, path, design, sales, at } = await plant(muster)
    if (role === 'member') {
      await joinAs(muster, path, user)
      await admin.patch(path, { memberAccess: 'all' })
    }
    const { body } = await admin.get(`${path}/members/${user}/access?limit=1`)
    t.ok(body.next)
    for (const id of [design, sales]) await admin.delete(at(id))
    t.same(
      (await admin.get(`${path}/members/${user}/access?cursor=${body.next}`)).body,
      { data: [], next: null },
      user,
    )
  }
})

t.test('a cursor belongs to its member, its filter and its caller', async (t) => {
  const { admin, member, service, path, design } = await plant(muster)
  await grow(admin, path, 'more')
  const { body } = await admin.get(`${path}/members/alice/access?limit=1`)
  const cursor = `cursor=${body.next}`
  t.equal((await admin.get(`${path}/members/alice/access?${cursor}`)).status, 200)
  for (const reply of [
    await admin.get(`${path}/members/amy/access?${cursor}`),
    await admin.get(`${path}/members/alice/access?resourceId=${design}&${cursor}`),
    await service.get(`${path}/members/alice/access?${cursor}`),
    await admin.get(`${path}/resources?${cursor}`),
    await member.get(`${path}/members/bob/access?${cursor}`),
  ])
    t.match(reply, { status: 400, body: { code: 'invalid_cursor' } })
})
