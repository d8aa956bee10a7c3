import t from 'tap'
import { joinAs, startMuster } from '../../support/muster.ts'
import { everywhere, plant, rolesOf, type Tree } from '../../support/tree.ts'

const muster = await startMuster(t)

for (const [how, go] of Object.entries({
  removed: ({ admin, path }: Tree) => admin.delete(`${path}/members/bob`),
  leaving: ({ member, path }: Tree) => member.post(`${path}/leave`, { confirm: 'Acme' }),
  'stepping down and leaving': async ({ admin, member, path }: Tree) => {
    await admin.patch(`${path}/members/bob`, { role: 'admin' })
    return member.post(`${path}/transfer`, { toUserId: 'carl', then: 'leave' })
  },
}))
  t.test(`${how}: every right ends with the membership, and does not come back with it`, async (t) => {
    const tree = await plant(muster)
    const { admin, member, service, path, orgId, site, shop, sales, at, grant } = tree
    await grant('bob', 'admin', site)
    await grant('bob', 'accounting', shop)
    await grant('bob', 'member', sales)
    t.match((await go(tree)).status, /^20[04]$/)
    for (const reply of [
      await member.get(at(site)),
      await member.get(`${path}/resources`),
      await member.patch(at(site), { name: 'Mine' }),
      await member.put(`${at(site)}/members/carl`, { role: 'admin' }),
      await member.get(`${path}/members/bob/access`),
    ])
      t.match(reply, { status: 404, body: { code: 'org_not_found' } })
    const checks = [{ orgId, permission: 'resource:read', resourceId: site }]
    t.same((await member.post('/access/check', { checks })).body.results, [
      { allowed: false, role: null, source: null },
    ])
    t.notMatch(JSON.stringify((await admin.get(`${at(shop)}/members`)).body), 'bob')

    await joinAs(muster, path, 'bob')
    t.same(await rolesOf(member, tree), {})
    await service.put(`${at(shop)}/members/bob`, { role: 'member' })
    t.same(await rolesOf(member, tree), { shop: 'member' })
  })

t.test('who leaves a resource behind in another organisation keeps it there', async (t) => {
  const one = await plant(muster)
  const two = await plant(muster)
  for (const tree of [one, two]) await tree.grant('bob', 'member', tree.site)
  await one.admin.delete(`${one.path}/members/bob`)
  t.same(await rolesOf(two.member, two), { site: 'member', shop: 'member' })
})

t.test('what is granted on a deleted resource is gone, and what was granted elsewhere stays', async (t) => {
  const tree = await plant(muster)
  const { admin, member, orgId, site, shop, sales, at, grant } = tree
  await grant('bob', 'admin', site)
  await grant('bob', 'member', sales)
  await admin.delete(at(site))
  t.same(await rolesOf(member, tree), { sales: 'member', crm: 'member' })
  const checks = [site, shop].map((resourceId) => ({ orgId, permission: 'resource:read', resourceId }))
  for (const caller of [member, admin])
    t.match((await caller.post('/access/check', { checks })).body.results, [
      { allowed: false, role: null },
      { allowed: false, role: null },
    ])
})

t.test(
  'a deleted organisation is gone with all its resources, and restored with all its rights',
  async (t) => {
    const tree = await plant(muster)
    const { admin, member, service, path, site, at, grant } = tree
    await grant('bob', 'accounting', site)
    await admin.delete(`${path}?confirm=Acme`)
    for (const caller of [admin, member, service])
      for (const reply of [
        await caller.get(at(site)),
        await caller.get(`${path}/resources`),
        await caller.get(`${at(site)}/members`),
        await caller.patch(at(site), { name: 'Still' }),
        await caller.put(`${at(site)}/members/carl`, { role: 'member' }),
        await caller.delete(`${at(site)}/members/bob`),
        await caller.delete(at(site)),
      ])
        t.match(reply, { status: 404, body: { code: 'org_not_found' } })
    await service.post(`${path}/restore`)
    t.same(await rolesOf(member, tree), { site: 'accounting', shop: 'accounting' })
    t.same(await rolesOf(admin, tree), everywhere('admin'))
  },
)
