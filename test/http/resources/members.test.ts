import t from 'tap'
import { type Caller, joinAs, startMuster } from '../../support/muster.ts'
import { plant, readPages, type Tree } from '../../support/tree.ts'

const muster = await startMuster(t)

/** Of each: who, their role, `direct` or `inherited`, from where, and what was granted on this very resource. */
async function membersOf({ admin, at }: Tree, resourceId: string, limit = 100): Promise<string[]> {
  const members = await readPages(admin, `${at(resourceId)}/members`, limit)
  return members.map(
    ({ userId, role, source, from, grant }) =>
      `${userId}: ${role}, ${source} from ${from.name}${grant ? `, granted ${grant.role} ${grant.version}` : ''}`,
  )
}

t.test(
  'a member of a resource is told with the role, where it comes from, and what was granted',
  async (t) => {
    const { admin, orgId, design, site, at, grant } = await plant(muster)
    await grant('bob', 'member', design)
    await grant('bob', 'accounting', site)
    const { status, body } = await admin.get(`${at(site)}/members`)
    t.equal(status, 200)
    t.same(body, {
      data: [
        {
          userId: 'alice',
          name: 'Alice',
          email: 'alice@example.com',
          role: 'admin',
          source: 'inherited',
          from: { type: 'organization', id: orgId, name: 'Acme' },
          grant: null,
        },
        {
          userId: 'amy',
          name: 'Amy',
          email: 'amy@example.com',
          role: 'accounting',
          source: 'inherited',
          from: { type: 'organization', id: orgId, name: 'Acme' },
          grant: null,
        },
        {
          userId: 'bob',
          name: 'Bob',
          email: 'bob@example.com',
          role: 'accounting',
          source: 'direct',
          from: { type: 'resource', id: site, name: 'site' },
          grant: { role: 'accounting', version: 1 },
        },
      ],
      next: null,
    })
  },
)

t.test(
  'the strongest role counts, of equal ones the nearest, and a weaker grant is told beside',
  async (t) => {
    const tree = await plant(muster)
    const { design, site, shop, grant } = tree
    await grant('alice', 'admin', design)
    await grant('alice', 'member', shop)
    await grant('amy', 'accounting', shop)
    await grant('bob', 'admin', site)
    await grant('bob', 'accounting', shop)
    await grant('bob', 'member', shop)
    await grant('carl', 'member', design)
    t.same(await membersOf(tree, shop), [
      'alice: admin, inherited from design, granted member 1',
      'amy: accounting, direct from shop, granted accounting 1',
      'bob: admin, inherited from site, granted member 2',
      'carl: member, inherited from design',
    ])
    t.same(await membersOf(tree, design), [
      'alice: admin, direct from design, granted admin 1',
      'amy: accounting, inherited from Acme',
      'carl: member, direct from design, granted member 1',
    ])
    t.same(await membersOf(tree, tree.sales), [
      'alice: admin, inherited from Acme',
      'amy: accounting, inherited from Acme',
    ])
  },
)

t.test('where memberAccess is all, everybody is there, once', async (t) => {
  const tree = await plant(muster)
  const { admin, path, design, site, shop, grant } = tree
  await grant('bob', 'member', design)
  await grant('carl', 'admin', shop)
  await admin.patch(path, { memberAccess: 'all' })
  t.same(await membersOf(tree, site), [
    'alice: admin, inherited from Acme',
    'amy: accounting, inherited from Acme',
    'bob: member, inherited from design',
    'carl: member, inherited from Acme',
  ])
})

t.test('pages of any size name each person once, whatever their rights come from', async (t) => {
  const tree = await plant(muster)
  const { admin, service, path, design, site, shop, at, grant } = tree
  const roles = ['admin', 'accounting', 'member']
  for (let n = 0; n < 9; n++) {
    const id = `user${n}`
    await joinAs(muster, path, id, n % 4 === 0 ? roles[n % 3] : 'member')
    for (const [place, resourceId] of [design, site, shop].entries())
      if ((n >> place) % 2 === 1 || n % 5 === 0)
        await grant(id, roles[(n + place) % 3] ?? 'member', resourceId)
  }
  await service.put(`${at(site)}/members/${encodeURIComponent('auth0|Ünï/0')}`, { role: 'member' })
  for (const memberAccess of ['granted', 'all']) {
    await admin.patch(path, { memberAccess })
    for (const resourceId of [design, site, shop]) {
      const whole = await membersOf(tree, resourceId)
      const people = whole.map((line) => line.split(':')[0])
      t.equal(new Set(people).size, people.length)
      for (let limit = 1; limit <= whole.length + 1; limit++)
        t.same(await membersOf(tree, resourceId, limit), whole, `${memberAccess}, by ${limit}`)
    }
  }
  t.equal((await membersOf(tree, shop)).length, 14, 'all of them')
})

t.test('whoever reads the resource reads who else does', async (t) => {
  const { admin, accounting, member, carl, service, site, shop, at, grant } = await plant(muster)
  await grant('bob', 'member', site)
  for (const caller of [admin, accounting, member, service, muster.service('muster:read')])
    t.equal((await caller.get(`${at(shop)}/members`)).status, 200)
  for (const caller of [carl, muster.service('muster:check')])
    t.match(await caller.get(`${at(shop)}/members`), { status: 403, body: { code: 'forbidden' } })
  t.match(await muster.user('mallory').get(`${at(shop)}/members`), {
    status: 404,
    body: { code: 'org_not_found' },
  })
  const elsewhere = await plant(muster)
  for (const caller of [admin, carl, service])
    t.match(await caller.get(`${at(elsewhere.shop)}/members`), {
      status: 404,
      body: { code: 'resource_not_found' },
    })
})

t.test('a removed member, a withdrawn grant and a move are seen at once', async (t) => {
  const tree = await plant(muster)
  const { admin, path, site, sales, shop, at, grant } = tree
  const always = ['alice: admin, inherited from Acme', 'amy: accounting, inherited from Acme']
  await grant('bob', 'member', site)
  await grant('carl', 'admin', sales)
  t.same(await membersOf(tree, shop), [...always, 'bob: member, inherited from site'])
  await admin.patch(at(site), { parentId: sales, name: 'moved' })
  t.same(await membersOf(tree, shop), [
    ...always,
    'bob: member, inherited from moved',
    'carl: admin, inherited from sales',
  ])
  await admin.delete(`${at(site)}/members/bob`)
  await admin.delete(`${path}/members/carl`)
  t.same(await membersOf(tree, shop), always)
})

t.test('a page neither skips nor repeats while people come and go', async (t) => {
  const tree = await plant(muster)
  const { admin, path, site, at, grant } = tree
  for (const id of ['bob', 'carl']) await grant(id, 'member', site)
  const first = await admin.get(`${at(site)}/members?limit=2`)
  t.same(
    first.body.data.map(({ userId }: { userId: string }) => userId),
    ['alice', 'amy'],
  )
  await admin.delete(`${path}/members/bob`)
  await admin.delete(`${path}/members/amy`)
  await joinAs(muster, path, 'zoe', 'accounting')
  const rest = await admin.get(`${at(site)}/members?cursor=${first.body.next}`)
  t.match(rest.body, { data: [{ userId: 'carl' }, { userId: 'zoe' }], next: null })
  t.equal(rest.body.data.length, 2)
})

t.test('a cursor belongs to its resource', async (t) => {
  const { admin, site, shop, at } = await plant(muster)
  const { body } = await admin.get(`${at(site)}/members?limit=1`)
  t.equal((await admin.get(`${at(site)}/members?cursor=${body.next}`)).status, 200)
  t.match(await admin.get(`${at(shop)}/members?cursor=${body.next}`), {
    status: 400,
    body: { code: 'invalid_cursor' },
  })
})

t.test('a resource above is named to whoever may read it, and to nobody else', async (t) => {
  const { admin, accounting, member, service, orgId, at, grant, design, site, shop } = await plant(muster)
  await grant('carl', 'admin', design)
  await grant('bob', 'member', shop)
  const toldOf = async (caller: Caller, resourceId: string) => {
    const { body } = await caller.get(`${at(resourceId)}/members`)
    return body.data.map(({ userId, from }: Named) => `${userId} from ${from.name}`)
  }
  const whole = ['alice from Acme', 'amy from Acme', 'bob from shop', 'carl from design']
  for (const caller of [admin, accounting, service, muster.user('carl')])
    t.same(await toldOf(caller, shop), whole)
  t.same(await toldOf(member, shop), ['alice from Acme', 'amy from Acme', 'bob from shop', 'carl from null'])
  await grant('bob', 'member', site)
  t.same(await toldOf(member, shop), ['alice from Acme', 'amy from Acme', 'bob from shop', 'carl from null'])
  await admin.patch(`/orgs/${orgId}`, { memberAccess: 'all' })
  t.same(await toldOf(member, shop), whole)
})

interface Named {
  readonly userId: string
  readonly from: { readonly name: string | null }
}
