import { sql } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { type Caller, joinAs, startMuster, withOrg } from '../../support/muster.ts'
import { grow, plant, type Tree } from '../../support/tree.ts'

const muster = await startMuster(t)

const RESOURCES = ['design', 'site', 'shop', 'sales', 'crm'] as const
const EVERYWHERE = ['org', ...RESOURCES]
const MISSING = '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e'

/** Whose invoice information the caller reads and writes. Whoever may not the one may not the other. */
async function reach(t: Test, caller: Caller, tree: Tree): Promise<string[]> {
  const reached: string[] = []
  for (const name of EVERYWHERE) {
    const path = billingOf(tree, name)
    const replies = [await caller.get(path), await caller.put(path, { legalName: `${name} Ltd` })]
    const allowed = replies[0]?.status === 200
    for (const { status, body } of replies)
      t.match(
        { status, body },
        allowed ? { status: 200 } : { status: 403, body: { code: 'forbidden' } },
        name,
      )
    if (allowed) reached.push(name)
  }
  return reached
}

function billingOf(tree: Tree, name: string): string {
  const resource = RESOURCES.find((one) => one === name)
  return `${resource ? tree.at(tree[resource]) : tree.path}/billing`
}

t.test('Admins and Accounting read and write all of it, a Member none', async (t) => {
  const tree = await plant(muster)
  t.same(await reach(t, tree.admin, tree), EVERYWHERE)
  t.same(await reach(t, tree.accounting, tree), EVERYWHERE)
  t.same(await reach(t, tree.member, tree), [])
})

t.test('a Member who reads every resource still has no invoice information', async (t) => {
  const tree = await plant(muster)
  await tree.admin.patch(tree.path, { memberAccess: 'all' })
  t.equal((await tree.member.get(tree.at(tree.shop))).status, 200)
  t.same(await reach(t, tree.member, tree), [])
})

for (const [role, reached] of Object.entries({
  member: [],
  accounting: ['site', 'shop'],
  admin: ['site', 'shop'],
}))
  t.test(
    `granted ${role} on a resource, a Member reaches ${reached.join(' and ') || 'nothing'}`,
    async (t) => {
      const tree = await plant(muster)
      await tree.grant('bob', role, tree.site)
      t.same(await reach(t, tree.member, tree), reached)
    },
  )

t.test('no grant takes anything from Accounting of the organisation', async (t) => {
  const tree = await plant(muster)
  await tree.grant('amy', 'member', tree.site)
  t.same(await reach(t, tree.accounting, tree), EVERYWHERE)
})

t.test(
  'a service reads with muster:read, writes with muster:write, and muster:check is neither',
  async (t) => {
    const tree = await plant(muster)
    t.same(await reach(t, tree.service, tree), EVERYWHERE)
    t.same(await reach(t, muster.service('muster:check'), tree), [])
    for (const name of EVERYWHERE) {
      const reader = muster.service('muster:read')
      t.equal((await reader.get(billingOf(tree, name))).body.legalName, `${name} Ltd`)
      t.match(await reader.put(billingOf(tree, name), { notes: null }), {
        status: 403,
        body: { code: 'forbidden' },
      })
    }
  },
)

t.test('to an outsider there is no such organisation, and a stranger has to say who they are', async (t) => {
  const tree = await plant(muster)
  for (const [caller, refusal] of [
    [muster.user('mallory'), { status: 404, body: { code: 'org_not_found' } }],
    [muster.stranger, { status: 401, body: { code: 'unauthenticated' } }],
  ] as const)
    for (const name of EVERYWHERE) {
      t.match(await caller.get(billingOf(tree, name)), refusal)
      t.match(await caller.put(billingOf(tree, name), { notes: null }), refusal)
    }
})

t.test('a right that ends is not there at the next request', async (t) => {
  const tree = await plant(muster)
  const { admin, accounting, member, path, at } = tree
  await tree.grant('bob', 'accounting', tree.design)
  t.same(await reach(t, member, tree), ['design', 'site', 'shop'])

  await admin.patch(at(tree.site), { parentId: tree.sales })
  t.same(await reach(t, member, tree), ['design'], 'what was moved away')
  await admin.delete(`${at(tree.design)}/members/bob`)
  t.same(await reach(t, member, tree), [], 'what was withdrawn')
  await admin.patch(`${path}/members/amy`, { role: 'member' })
  t.same(await reach(t, accounting, tree), [], 'a demotion')

  await admin.delete(`${path}/members/amy`)
  for (const name of EVERYWHERE) t.equal((await accounting.get(billingOf(tree, name))).status, 404)
})

t.test('each place has its own: nothing of it is inherited, or counted together', async (t) => {
  const tree = await plant(muster)
  const filled = async () => {
    const replies = await Promise.all(EVERYWHERE.map((name) => tree.admin.get(billingOf(tree, name))))
    return replies.map(({ body }) => body.legalName && `${body.legalName} ${body.version}`)
  }
  const fillIn = (name: string) => tree.accounting.put(billingOf(tree, name), { legalName: name })
  await fillIn('shop')
  t.same(await filled(), [null, null, null, 'shop 1', null, null])
  await fillIn('org')
  await fillIn('design')
  t.same(await filled(), ['org 1', 'design 1', null, 'shop 1', null, null])
  await fillIn('org')
  t.same(await filled(), ['org 2', 'design 1', null, 'shop 1', null, null])
})

t.test('a resource that is not in this organisation has none', async (t) => {
  const tree = await plant(muster)
  const other = await withOrg(muster, 'Other')
  const theirs = await grow(other.alice, other.path, 'theirs')
  const bob = await joinAs(muster, other.path, 'bob')
  await other.alice.put(`${other.path}/resources/${theirs}/billing`, { legalName: 'Theirs' })
  for (const caller of [tree.admin, tree.accounting, tree.service, bob])
    for (const id of [theirs, MISSING]) {
      const notFound = { status: 404, body: { code: 'resource_not_found' } }
      t.match(await caller.get(`${tree.at(id)}/billing`), notFound)
      t.match(await caller.put(`${tree.at(id)}/billing`, { legalName: 'Ours' }), notFound)
    }
  t.match((await other.alice.get(`${other.path}/resources/${theirs}/billing`)).body, { legalName: 'Theirs' })
})

t.test('it moves with its resource, and goes with it', async (t) => {
  const tree = await plant(muster)
  const { admin, at } = tree
  await admin.put(billingOf(tree, 'shop'), { legalName: 'Shop', notes: 'kept' })
  const before = (await admin.get(billingOf(tree, 'shop'))).body
  await admin.patch(at(tree.site), { parentId: null })
  t.same((await admin.get(billingOf(tree, 'shop'))).body, before)

  t.equal((await admin.delete(at(tree.site))).status, 204)
  t.match(await admin.get(billingOf(tree, 'shop')), { status: 404, body: { code: 'resource_not_found' } })
  const { rows } = await muster.db.sql.execute(sql`select from billing where resource_id = ${tree.shop}`)
  t.equal(rows.length, 0)
})

t.test('a deleted organisation has none, and has it again when it is restored', async (t) => {
  const tree = await plant(muster)
  const before = (await tree.admin.get(billingOf(tree, 'org'))).body
  await tree.admin.delete(`${tree.path}?confirm=Acme`)
  for (const caller of [tree.admin, tree.service])
    for (const name of EVERYWHERE) {
      t.equal((await caller.get(billingOf(tree, name))).body.code, 'org_not_found')
      t.equal((await caller.put(billingOf(tree, name), { notes: null })).body.code, 'org_not_found')
    }
  await tree.service.post(`${tree.path}/restore`)
  t.same((await tree.admin.get(billingOf(tree, 'org'))).body, before)
})
