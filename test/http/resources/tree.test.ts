import t from 'tap'
import { dump } from '../../support/dump.ts'
import { type Caller, startMuster } from '../../support/muster.ts'
import { grow, growChain, plant, readPages } from '../../support/tree.ts'

const muster = await startMuster(t)

const forbidden = { status: 403, body: { code: 'forbidden' } }
const notFound = { status: 404, body: { code: 'resource_not_found' } }
const tooDeep = { status: 409, body: { code: 'resource_too_deep', errors: [{ pointer: '/parentId' }] } }
const cycle = { status: 409, body: { code: 'resource_cycle', errors: [{ pointer: '/parentId' }] } }

t.test('a tree is eight deep, and no deeper', async (t) => {
  const { admin, service, path, at } = await plant(muster)
  const chain = await growChain(admin, path, 8)
  const [parentId] = chain.slice(-1)
  const before = await dump(muster.db)
  for (const caller of [admin, service])
    t.match(await caller.post(`${path}/resources`, { type: 'place', name: 'ninth', parentId }), tooDeep)
  t.same(await dump(muster.db), before)
  t.equal((await admin.get(at(parentId ?? ''))).body.parentId, chain[6])
})

t.test('a move may fill the eight, and what lies below counts', async (t) => {
  const { admin, path, design, shop, at } = await plant(muster)
  const chain = await growChain(admin, path, 6)
  const to = (depth: number) => ({ parentId: chain[depth - 1], name: 'Moved' })
  const before = await dump(muster.db)
  t.match(await admin.patch(at(design), to(6)), tooDeep, 'three under six are nine')
  t.same(await dump(muster.db), before)
  t.match(await admin.patch(at(design), to(5)), { status: 200, body: { parentId: chain[4] } })
  t.match(await admin.post(`${path}/resources`, { type: 'place', name: 'ninth', parentId: shop }), tooDeep)
})

t.test('a move takes everything below along, and nothing beside', async (t) => {
  const { admin, member, path, design, site, shop, sales, crm, at, grant } = await plant(muster)
  const beside = await grow(admin, path, 'beside', design)
  await grant('bob', 'member', sales)
  const versions = async (ids: string[]) =>
    Promise.all(ids.map(async (id) => (await admin.get(at(id))).body.version))

  const moved = await admin.patch(at(site), { parentId: sales, name: 'Moved' }, { 'if-match': '"1"' })
  t.match(moved, { status: 200, body: { parentId: sales, name: 'Moved', role: 'admin', version: 2 } })
  t.equal(moved.headers.get('etag'), '"2"')
  t.same((await admin.get(at(site))).body, moved.body)
  t.equal((await admin.get(at(shop))).body.parentId, site)
  t.same(await readable(member, path), [site, shop, sales, crm])
  t.same(
    await versions([design, shop, sales, crm, beside]),
    [1, 1, 1, 1, 1],
    'what only moved along is the same',
  )

  await admin.patch(at(site), { parentId: null })
  t.equal((await admin.get(at(site))).body.parentId, null)
  t.same(await readable(member, path), [sales, crm])

  await admin.patch(at(site), { parentId: beside })
  t.equal((await admin.delete(at(design))).status, 204)
  t.same(await readable(admin, path), [sales, crm], 'and from then on it goes with where it lies')
})

t.test('nothing comes to lie in itself or below itself', async (t) => {
  const { admin, service, design, site, shop, at } = await plant(muster)
  const before = await dump(muster.db)
  for (const caller of [admin, service])
    for (const [id, parentId] of [
      [design, design],
      [design, site],
      [design, shop],
      [site, shop],
      [shop, shop],
      [site, site.toUpperCase()],
    ] as const)
      t.match(await caller.patch(at(id), { parentId, name: 'Moved' }), cycle)
  t.same(await dump(muster.db), before)
  t.equal((await admin.patch(at(shop), { parentId: design })).status, 200)
  t.equal(
    (await admin.patch(at(site), { parentId: shop })).status,
    200,
    'what is above may become what is below',
  )
})

t.test('a move needs a right on what moves, and one where it is to lie', async (t) => {
  const { admin, member, carl, service, design, site, shop, sales, crm, at, grant } = await plant(muster)
  await grant('bob', 'admin', site)
  await grant('bob', 'accounting', sales)
  await grant('carl', 'admin', sales)
  const before = await dump(muster.db)
  t.match(await member.patch(at(site), { parentId: sales }), forbidden, 'not there')
  t.match(await carl.patch(at(site), { parentId: sales }), forbidden, 'not from here')
  t.match(await member.patch(at(shop), { parentId: design }), forbidden, 'nor upwards')
  t.match(await member.patch(at(shop), { parentId: null }), forbidden, 'nor out into the organisation')
  t.match(await muster.service('muster:read').patch(at(shop), { parentId: null }), forbidden)
  t.same(await dump(muster.db), before)

  await grant('bob', 'admin', sales)
  t.match(await member.patch(at(site), { parentId: crm }), { status: 200, body: { parentId: crm } })
  t.equal((await admin.patch(at(shop), { parentId: null })).status, 200)
  t.equal((await service.patch(at(shop), { parentId: crm })).status, 200)
})

t.test('a move stays in its organisation', async (t) => {
  const { admin, service, site, orgId, at } = await plant(muster)
  const elsewhere = await plant(muster)
  const before = await dump(muster.db)
  for (const caller of [admin, service])
    for (const parentId of [elsewhere.design, orgId, '01980f3b-1a2b-7c3d-8e4f-5a6b7c8d9e0f'])
      t.match(await caller.patch(at(site), { parentId, name: 'Moved' }), {
        ...notFound,
        body: { errors: [{ pointer: '/parentId' }] },
      })
  t.same(await dump(muster.db), before)
})

t.test('what is deleted goes with everything below it, and nothing beside', async (t) => {
  const { admin, member, path, design, site, shop, sales, crm, at, grant } = await plant(muster)
  const twin = await grow(admin, path, 'site', design)
  await admin.patch(at(shop), { externalId: 'shop' })
  await grant('bob', 'member', shop)
  t.match(await admin.delete(at(site), { 'if-match': '"2"' }), { status: 412 })
  t.match(await admin.delete(at(site), { 'if-match': '"1"' }), { status: 204, body: '' })
  for (const id of [site, shop])
    for (const reply of [
      await admin.get(at(id)),
      await admin.patch(at(id), { name: 'Back' }),
      await admin.delete(at(id)),
      await admin.get(`${at(id)}/members`),
      await admin.put(`${at(id)}/members/bob`, { role: 'member' }),
      await admin.post(`${path}/resources`, { type: 'place', name: 'below', parentId: id }),
    ])
      t.match(reply, notFound)
  t.same(await readable(admin, path), [design, sales, crm, twin])
  t.same(await readable(member, path), [])
  const again = { type: 'place', name: 'shop', externalId: 'shop', parentId: design }
  const { status, body } = await admin.post(`${path}/resources`, again)
  t.equal(status, 201)
  t.match(await member.get(at(body.id)), forbidden, 'a name used again brings no right back')
})

t.test('who is Admin of a resource deletes it, and what is below, but nothing above', async (t) => {
  const { member, path, design, site, shop, sales, crm, at, grant } = await plant(muster)
  await grant('bob', 'admin', site)
  await grant('bob', 'accounting', sales)
  for (const id of [design, sales, crm]) t.match(await member.delete(at(id)), forbidden)
  t.equal((await member.delete(at(shop))).status, 204)
  t.equal((await member.delete(at(site))).status, 204)
  t.same(await readable(member, path), [sales, crm])
})

async function readable(caller: Caller, path: string): Promise<string[]> {
  return (await readPages(caller, `${path}/resources`, 100)).map(({ id }) => id)
}
