import t from 'tap'
import { startMuster } from '../../support/muster.ts'
import { everywhere, grow, plant, rolesOf } from '../../support/tree.ts'

const muster = await startMuster(t)

const forbidden = { status: 403, body: { code: 'forbidden' } }
const ROLES = ['member', 'accounting', 'admin'] as const
t.test('a role in the organisation holds on every resource, but for a Member’s', async (t) => {
  const tree = await plant(muster)
  t.same(await rolesOf(tree.admin, tree), everywhere('admin'))
  t.same(await rolesOf(tree.accounting, tree), everywhere('accounting'))
  t.same(await rolesOf(tree.member, tree), {})
})

for (const role of ROLES)
  t.test(`a granted ${role} is one on all that is below, and never above or beside`, async (t) => {
    const tree = await plant(muster)
    await tree.grant('bob', role, tree.site)
    t.same(await rolesOf(tree.member, tree), { site: role, shop: role })
    await grow(tree.admin, tree.path, 'later', tree.shop)
    t.equal((await tree.member.get(tree.path)).body.role, 'member')
  })

t.test('of several roles the strongest counts, wherever it was granted', async (t) => {
  const tree = await plant(muster)
  await tree.grant('bob', 'accounting', tree.design)
  await tree.grant('bob', 'admin', tree.site)
  await tree.grant('bob', 'member', tree.shop)
  t.same(await rolesOf(tree.member, tree), { design: 'accounting', site: 'admin', shop: 'admin' })
  await tree.grant('amy', 'member', tree.design)
  await tree.grant('amy', 'admin', tree.crm)
  t.same(await rolesOf(tree.accounting, tree), { ...everywhere('accounting'), crm: 'admin' })
  await tree.grant('alice', 'member', tree.design)
  t.same(await rolesOf(tree.admin, tree), everywhere('admin'), 'nobody is less by a grant')
})

for (const role of ROLES)
  t.test(`what a granted ${role} may do there, and not in the organisation`, async (t) => {
    const { admin, member, path, site, shop, at, grant } = await plant(muster)
    await grant('bob', role, site)
    await grant('amy', 'member', shop)
    const manages = role === 'admin'
    const statuses = async (id: string) => [
      (await member.get(at(id))).status,
      (await member.get(`${at(id)}/members`)).status,
      (await member.patch(at(id), { name: 'Theirs' })).status,
      (await member.post(`${path}/resources`, { type: 'place', name: 'New', parentId: id })).status,
      (await member.put(`${at(id)}/members/carl`, { role: 'member' })).status,
      (await member.delete(`${at(id)}/members/carl`)).status,
    ]
    for (const id of [site, shop])
      t.same(await statuses(id), manages ? [200, 200, 200, 201, 201, 204] : [200, 200, 403, 403, 403, 403])
    for (const reply of [
      await member.patch(path, { name: 'Theirs' }),
      await member.delete(`${path}?confirm=Acme`),
      await member.post(`${path}/invitations`, {}),
      await member.get(`${path}/invitations`),
      await member.patch(`${path}/members/carl`, { role: 'admin' }),
      await member.delete(`${path}/members/carl`),
      await member.post(`${path}/resources`, { type: 'place', name: 'New' }),
    ])
      t.match(reply, forbidden)
    t.equal((await member.delete(at(shop))).status, manages ? 204 : 403)
    t.equal((await admin.get(at(shop))).status, manages ? 404 : 200)
  })

t.test('where memberAccess is all, every Member reads everything, and only reads', async (t) => {
  const tree = await plant(muster)
  const { admin, member, carl, path, site, sales, at, grant } = tree
  await grant('bob', 'admin', site)
  await admin.patch(path, { memberAccess: 'all' })
  t.same(await rolesOf(carl, tree), everywhere('member'))
  t.same(await rolesOf(member, tree), { ...everywhere('member'), site: 'admin', shop: 'admin' })
  t.same(await rolesOf(tree.accounting, tree), everywhere('accounting'))
  t.match(await carl.patch(at(sales), { name: 'Mine' }), forbidden)
  t.match(await muster.user('mallory').get(at(sales)), { status: 404, body: { code: 'org_not_found' } })
  await admin.patch(path, { memberAccess: 'granted' })
  t.same(await rolesOf(carl, tree), {})
  t.same(await rolesOf(member, tree), { site: 'admin', shop: 'admin' })
})

t.test('a demotion takes what the role gave, and leaves what was granted', async (t) => {
  const tree = await plant(muster)
  const { admin, member, path, shop, grant } = tree
  await admin.patch(`${path}/members/bob`, { role: 'admin' })
  await grant('bob', 'accounting', shop)
  t.same(await rolesOf(member, tree), everywhere('admin'))
  await admin.patch(`${path}/members/bob`, { role: 'accounting' })
  t.same(await rolesOf(member, tree), everywhere('accounting'))
  await admin.patch(`${path}/members/bob`, { role: 'member' })
  t.same(await rolesOf(member, tree), { shop: 'accounting' })

  await grant('alice', 'member', tree.crm)
  await admin.post(`${path}/transfer`, { toUserId: 'carl', then: 'member' })
  t.same(await rolesOf(admin, tree), { crm: 'member' })
  t.same(await rolesOf(tree.carl, tree), everywhere('admin'))
})

t.test('a move changes what is inherited with the next request, and nothing that was granted', async (t) => {
  const tree = await plant(muster)
  const { admin, member, carl, design, site, sales, shop, at, grant } = tree
  await grant('bob', 'admin', design)
  await grant('carl', 'accounting', sales)
  await grant('carl', 'admin', shop)
  t.same(await rolesOf(member, tree), { design: 'admin', site: 'admin', shop: 'admin' })
  await admin.patch(at(site), { parentId: sales })
  t.same(await rolesOf(member, tree), { design: 'admin' })
  t.same(await rolesOf(carl, tree), {
    sales: 'accounting',
    crm: 'accounting',
    site: 'accounting',
    shop: 'admin',
  })
  await admin.patch(at(site), { parentId: null })
  t.same(await rolesOf(member, tree), { design: 'admin' })
  t.same(await rolesOf(carl, tree), { sales: 'accounting', crm: 'accounting', shop: 'admin' })
})
