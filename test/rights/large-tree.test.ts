import t from 'tap'
import { DEEP, forester, type PlantedOrg, type PlantedTree, WIDE } from '../support/forest.ts'
import { type Caller, startMuster } from '../support/muster.ts'

// Every statement here must end within two seconds, which is Muster's own time limit everywhere.

const muster = await startMuster(t)
const { plantOrg, plantTree, grant, bill, survey } = await forester(t, muster.databaseUrl)

for (const [shape, levels] of Object.entries({ deep: DEEP, wide: WIDE }))
  t.test(`in a ${shape} tree of 10,000 resources`, async (t) => {
    const org = await plantOrg(3)
    const tree = await plantTree(org, levels)
    const branch = tree.at(2, 0)
    await grant(org, [
      { userId: org.member(0), resourceId: tree.root },
      { userId: org.member(1), resourceId: branch },
      // The same right twice is no reason to be listed twice.
      { userId: org.member(0), resourceId: branch },
      { userId: org.member(0), resourceId: tree.at(2, 3), role: 'accounting' },
    ])
    await survey()

    t.test('an Admin pages through each resource once, in order', async (t) => {
      t.same(await pageThrough(muster.user(org.admin), org), tree.ids)
    })

    t.test('so does a Member with a role at the top', async (t) => {
      t.same(await pageThrough(muster.user(org.member(0)), org), tree.ids)
    })

    t.test('a Member with a role on a branch pages through just that', async (t) => {
      const { rows } = await muster.db.pool.query<{ id: string }>(
        'select id from resources where org_id = $1 and $2 = any(path) order by id',
        [org.id, branch],
      )
      t.same(
        await pageThrough(muster.user(org.member(1)), org),
        rows.map(({ id }) => id),
      )
    })

    t.test('a Member without a role finds nothing', async (t) => {
      t.same(await pageThrough(muster.user(org.member(2)), org), [])
    })
  })

t.test('a branch of 9,000', async (t) => {
  const org = await plantOrg(2)
  const trunk = await plantTree(org, [1, 999])
  const branch = await plantTree(org, [1, 3, 9, 81, 729, 2_177, 6_000])
  await grant(org, [
    { userId: org.member(0), resourceId: trunk.root },
    { userId: org.member(1), resourceId: branch.root },
  ])
  await survey()
  const admin = muster.user(org.admin)
  const move = (parentId: string | null) =>
    admin.patch(`/orgs/${org.id}/resources/${branch.root}`, { parentId })

  t.test('cannot be moved to where it would be too deep, and stays as it is', async (t) => {
    t.match(await move(trunk.at(2, 0)), { status: 409, body: { code: 'resource_too_deep' } })
    t.equal(await countMisplaced(org), 0)
    t.same(await mayRead(org, org.member(0), branch), [false, false])
  })

  t.test('is moved below another tree: what is inherited there holds on all of it', async (t) => {
    t.same(await mayRead(org, org.member(0), branch), [false, false])
    t.match(await move(trunk.root), { status: 200, body: { parentId: trunk.root } })
    t.equal(await countMisplaced(org), 0)
    t.same(await mayRead(org, org.member(0), branch), [true, true])
    t.same(await mayRead(org, org.member(1), branch), [true, true], 'and what was granted on it stays')
    t.same(await pageThrough(muster.user(org.member(0)), org), [...trunk.ids, ...branch.ids])
  })

  t.test('cannot take in what it lies in', async (t) => {
    const reply = await admin.patch(`/orgs/${org.id}/resources/${trunk.root}`, { parentId: branch.at(7, 0) })
    t.match(reply, { status: 409, body: { code: 'resource_cycle' } })
    t.equal(await countMisplaced(org), 0)
  })

  t.test('is moved out again', async (t) => {
    t.match(await move(null), { status: 200, body: { parentId: null } })
    t.equal(await countMisplaced(org), 0)
    t.same(await mayRead(org, org.member(0), branch), [false, false])
    t.same(await pageThrough(muster.user(org.member(0)), org), trunk.ids)
  })
})

t.test('a larger branch is told to go part by part, and stays', async (t) => {
  const org = await plantOrg(1)
  const tree = await plantTree(org, [1, 1, 10_000])
  await survey()
  const admin = muster.user(org.admin)
  const top = `/orgs/${org.id}/resources/${tree.at(2, 0)}`
  const refused = { status: 409, body: { code: 'branch_too_large' } }
  t.match(await admin.delete(top), refused)
  t.match(await admin.patch(top, { parentId: null }), refused)
  t.match(await countRows(org), { resources: 10_002 })
  t.equal((await admin.delete(`/orgs/${org.id}/resources/${tree.at(3, 0)}`)).status, 204)
  t.match(await admin.patch(top, { parentId: null }), { status: 200, body: { parentId: null } })
})

for (const [shape, levels] of Object.entries({ deep: DEEP, wide: WIDE }))
  t.test(
    `a ${shape} branch of 10,000 goes with its 2,000 grants and 100 sets of invoice information`,
    async (t) => {
      const org = await plantOrg(2_000)
      const tree = await plantTree(org, levels)
      const other = await plantTree(org, [1, 10])
      await grant(
        org,
        tree.ids.slice(5_000, 7_000).map((resourceId, n) => ({ userId: org.member(n), resourceId })),
      )
      await grant(org, [{ userId: org.member(0), resourceId: other.root }])
      await bill(org, tree.ids.slice(-100))
      await survey()
      const admin = muster.user(org.admin)
      t.equal((await admin.delete(`/orgs/${org.id}/resources/${tree.root}`)).status, 204)
      t.same(await pageThrough(admin, org), other.ids)
      t.same(await countRows(org), { resources: 11, grants: 1, billing: 0 })
    },
  )

async function pageThrough(caller: Caller, org: PlantedOrg): Promise<string[]> {
  const ids: string[] = []
  for (let cursor = ''; ; ) {
    const { status, body } = await caller.get(`/orgs/${org.id}/resources?limit=100${cursor}`)
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
    ids.push(...body.data.map(({ id }: { id: string }) => id))
    if (body.next === null) return ids
    cursor = `&cursor=${body.next}`
  }
}

/** Asks about the root of the tree and a leaf. */
async function mayRead(org: PlantedOrg, userId: string, tree: PlantedTree): Promise<boolean[]> {
  const { body } = await muster.service('muster:check').post('/access/check', {
    checks: [tree.root, tree.ids.at(-1)].map((resourceId) => ({
      orgId: org.id,
      userId,
      resourceId,
      permission: 'resource:read',
    })),
  })
  return body.results.map(({ allowed }: { allowed: boolean }) => allowed)
}

/** Counts the resources whose path is not the way that their parents lead. */
async function countMisplaced({ id }: PlantedOrg): Promise<number | undefined> {
  const { rows } = await muster.db.pool.query<{ count: number }>(
    `with recursive way as (
      select id, array[id] as path from resources where org_id = $1 and parent_id is null
      union all
      select child.id, way.path || child.id from way join resources as child on child.org_id = $1 and child.parent_id = way.id)
    select count(*)::int as count from resources left join way using (id)
    where resources.org_id = $1 and resources.path is distinct from way.path`,
    [id],
  )
  return rows[0]?.count
}

async function countRows({ id }: PlantedOrg): Promise<unknown> {
  const { rows } = await muster.db.pool.query(
    `select (select count(*)::int from resources where org_id = $1) as resources,
      (select count(*)::int from grants where org_id = $1) as grants,
      (select count(*)::int from billing where org_id = $1) as billing`,
    [id],
  )
  return rows[0]
}
