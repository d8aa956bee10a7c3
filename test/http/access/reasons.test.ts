import t from 'tap'
import { type Reply, startMuster } from '../../support/muster.ts'
import { plant, readPages, type Tree } from '../../support/tree.ts'

const muster = await startMuster(t)

type Place = Reply['body']

async function explain({ admin, path }: Tree, userId: string, query = ''): Promise<Place[]> {
  return readPages(admin, `${path}/members/${userId}/access${query}`, 100)
}

/** The role and where it was given, of every reason there is. */
const told = ({ reasons }: Place) =>
  reasons.map(({ role, source }: Reply['body']) => `${role} from ${source.name}`)

t.test('every reason is told, the strongest first, of equal ones the nearest', async (t) => {
  const tree = await plant(muster)
  const { admin, path, design, site, shop, grant } = tree
  await grant('bob', 'member', design)
  await grant('bob', 'accounting', site)
  await grant('bob', 'member', shop)
  await admin.patch(path, { memberAccess: 'all' })
  const places = await explain(tree, 'bob')
  t.same(places.map(told), [
    ['member from Acme'],
    ['member from design', 'member from Acme'],
    ['accounting from site', 'member from design', 'member from Acme'],
    ['accounting from site', 'member from shop', 'member from design', 'member from Acme'],
    ['member from Acme'],
    ['member from Acme'],
  ])
  t.same(
    places.map(({ role }) => role),
    ['member', 'member', 'accounting', 'accounting', 'member', 'member'],
  )
  await grant('amy', 'admin', shop)
  await grant('amy', 'accounting', design)
  const [, ofDesign, , ofShop] = await explain(tree, 'amy')
  t.same(told(ofDesign), ['accounting from design', 'accounting from Acme'])
  t.same(told(ofShop), ['admin from shop', 'accounting from design', 'accounting from Acme'])
})

t.test('a role in the organisation tells since when it is what it is, and who made it so', async (t) => {
  const tree = await plant(muster)
  const { admin, member, path } = tree
  const reasonFor = async (userId: string) => (await explain(tree, userId))[0].reasons[0]
  const joinedAt = async (userId: string) => (await admin.get(`${path}/members/${userId}`)).body.joinedAt
  t.match(await reasonFor('alice'), {
    role: 'admin',
    since: await joinedAt('alice'),
    grantedBy: { type: 'user', userId: 'alice', name: 'Alice' },
  })
  t.match(await reasonFor('bob'), {
    since: await joinedAt('bob'),
    grantedBy: { type: 'service', userId: 'backend', name: null },
  })
  const { body } = await admin.post(`${path}/invitations`, { role: 'accounting' })
  await muster.user('erin').post(`/invitations/${body.code}/accept`)
  t.match(
    await reasonFor('erin'),
    { since: await joinedAt('erin'), grantedBy: { type: 'user', userId: 'alice', name: 'Alice' } },
    'who invited',
  )

  await admin.patch(`${path}/members/bob`, { role: 'admin' })
  const promoted = await reasonFor('bob')
  t.match(promoted, { role: 'admin', grantedBy: { userId: 'alice' } })
  t.ok(promoted.since > (await joinedAt('bob')))
  await admin.patch(`${path}/members/bob`, { role: 'admin' })
  t.same(await reasonFor('bob'), promoted, 'the role they have already is no change')
  await member.post(`${path}/transfer`, { toUserId: 'carl', then: 'accounting' })
  t.match(await reasonFor('carl'), { role: 'admin', grantedBy: { type: 'user', userId: 'bob', name: 'Bob' } })
  t.match(await reasonFor('bob'), { role: 'accounting', grantedBy: { userId: 'bob' } })
})

t.test('a grant tells since when, and by whom', async (t) => {
  const tree = await plant(muster)
  const { admin, member, service, site, shop, at, grant } = tree
  const reasonsFor = async (userId: string) => (await explain(tree, userId, `?resourceId=${shop}`))[0].reasons
  const { body: first } = await grant('bob', 'admin', site)
  t.match(await reasonsFor('bob'), [{ since: first.grantedAt, grantedBy: first.grantedBy }])
  const { body: second } = await member.put(`${at(shop)}/members/carl`, { role: 'member' })
  t.match(await reasonsFor('carl'), [{ since: second.grantedAt, grantedBy: { userId: 'bob', name: 'Bob' } }])
  await admin.put(`${at(shop)}/members/carl`, { role: 'member' })
  t.match(await reasonsFor('carl'), [{ since: second.grantedAt, grantedBy: { userId: 'bob' } }], 'no change')
  const { body: third } = await admin.put(`${at(shop)}/members/carl`, { role: 'admin' })
  t.match(await reasonsFor('carl'), [
    { role: 'admin', since: third.grantedAt, grantedBy: { userId: 'alice' } },
  ])

  await service.put(`${at(shop)}/members/fred`, { role: 'accounting' })
  const backend = { type: 'service', userId: 'backend', name: null }
  const [inOrg, onShop] = await explain(tree, 'fred')
  t.match(inOrg.reasons, [{ role: 'member', grantedBy: backend }], 'a Member by the same grant')
  t.match(onShop.reasons, [{ role: 'accounting', since: inOrg.reasons[0].since, grantedBy: backend }])
})

t.test('a right that came with an invitation was given by who invited', async (t) => {
  const tree = await plant(muster)
  const { admin, path, site } = tree
  const resourceRoles = [{ resourceId: site, role: 'admin' }]
  const offer = { email: 'erin@example.com', notify: false, resourceRoles }
  const { body } = await admin.post(`${path}/invitations`, offer)
  await muster.user('erin').post(`/invitations/${body.code}/accept`)
  await admin.patch(`${path}/members/erin`, { role: 'accounting' })
  t.match((await explain(tree, 'erin', `?resourceId=${site}`))[0].reasons, [
    { role: 'admin', grantedBy: { type: 'user', userId: 'alice', name: 'Alice' } },
    { role: 'accounting' },
  ])
})

t.test('reasons of who has left stay reasons', async (t) => {
  const tree = await plant(muster)
  const { admin, member, path, site, shop, at, grant } = tree
  await grant('bob', 'admin', site)
  await member.put(`${at(shop)}/members/carl`, { role: 'member' })
  await admin.delete(`${path}/members/bob`)
  t.match((await explain(tree, 'carl', `?resourceId=${shop}`))[0].reasons, [
    { grantedBy: { type: 'user', userId: 'bob', name: 'Bob' } },
  ])
})
