import t from 'tap'
import { type Caller, startMuster } from '../../support/muster.ts'
import { grow, plant, readPages } from '../../support/tree.ts'

const muster = await startMuster(t)

async function listed(caller: Caller, path: string, query = '', limit = 100): Promise<string[]> {
  return (await readPages(caller, `${path}/resources${query && `?${query}`}`, limit)).map(({ id }) => id)
}

t.test('a person lists exactly what they may read, with their role on each', async (t) => {
  const { admin, accounting, member, carl, service, path, at, ...tree } = await plant(muster)
  const { design, site, shop, sales, crm, grant } = tree
  const all = [design, site, shop, sales, crm]
  await grant('bob', 'admin', shop)
  await grant('bob', 'member', site)
  await grant('bob', 'accounting', crm)
  for (const caller of [admin, accounting, service, muster.service('muster:read')])
    t.same(await listed(caller, path), all)
  t.same(await listed(member, path), [site, shop, crm])
  t.same(await listed(carl, path), [])
  const rows = await readPages(member, `${path}/resources`, 100)
  t.same(
    rows.map(({ role }) => role),
    ['member', 'admin', 'accounting'],
  )
  for (const row of rows) t.same(row, (await member.get(at(row.id))).body, 'each as it is read')
  for (const { role } of await readPages(service, `${path}/resources`, 100)) t.equal(role, null)
  t.match(await muster.user('mallory').get(`${path}/resources`), {
    status: 404,
    body: { code: 'org_not_found' },
  })
  t.match(await muster.service('muster:check').get(`${path}/resources`), { status: 403 })
})

t.test('what can be read in several ways is listed once', async (t) => {
  const { admin, member, path, design, site, shop, sales, crm, grant } = await plant(muster)
  for (const [role, id] of [
    ['member', shop],
    ['accounting', design],
    ['admin', site],
    ['member', crm],
    ['member', sales],
  ] as const)
    await grant('bob', role, id)
  for (let limit = 1; limit <= 6; limit++)
    t.same(await listed(member, path, '', limit), [design, site, shop, sales, crm], `by ${limit}`)
  await admin.patch(path, { memberAccess: 'all' })
  t.same(await listed(member, path), [design, site, shop, sales, crm])
  await admin.patch(`${path}/members/bob`, { role: 'accounting' })
  t.same(await listed(member, path, '', 2), [design, site, shop, sales, crm])
})

t.test('pages of any size go in the order of creation, wherever things lie and are moved', async (t) => {
  const { admin, accounting, member, service, path, design, site, shop, sales, crm, at, grant } =
    await plant(muster)
  const late = [
    await grow(admin, path, 'late', design),
    await grow(admin, path, 'later', sales),
    await grow(admin, path, 'latest', shop),
  ]
  await admin.patch(at(site), { parentId: crm })
  const all = [design, site, shop, sales, crm, ...late]
  await grant('bob', 'member', sales)
  await grant('bob', 'member', late[0] ?? '')
  for (let limit = 1; limit <= 9; limit++) {
    for (const caller of [admin, accounting, service])
      t.same(await listed(caller, path, '', limit), all, `by ${limit}`)
    t.same(await listed(member, path, '', limit), [site, shop, sales, crm, ...late], `by ${limit}`)
  }
})

t.test('filters narrow what one may read, alone and together, on every page', async (t) => {
  const { admin, member, service, path, design, site, shop, sales, crm, grant } = await plant(muster)
  const make = async (type: string, parentId: string, externalId?: string) =>
    (await admin.post(`${path}/resources`, { type, name: 'It', parentId, ...(externalId && { externalId }) }))
      .body.id
  const one = await make('page', shop, 'x-1')
  const two = await make('page', site)
  const three = await make('page', site, 'a b&c=1')
  const four = await make('page', sales, 'x-4')
  await grant('bob', 'member', site)
  await grant('bob', 'member', shop)
  const cases: [string, string[], string[]][] = [
    ['type=page', [one, two, three, four], [one, two, three]],
    ['type=place', [design, site, shop, sales, crm], [site, shop]],
    ['type=none', [], []],
    [`parentId=${site}`, [shop, two, three], [shop, two, three]],
    [`parentId=${design}`, [site], [site]],
    [`parentId=${sales}`, [crm, four], []],
    [`parentId=${one}`, [], []],
    ['parentId=root', [design, sales], []],
    ['parentId=root&type=page', [], []],
    ['externalId=x-1', [one], [one]],
    ['externalId=x-4', [four], []],
    ['externalId=X-1', [], []],
    [`externalId=${encodeURIComponent('a b&c=1')}`, [three], [three]],
    [`parentId=${site}&type=page`, [two, three], [two, three]],
    [`parentId=${site}&type=page&externalId=x-1`, [], []],
    [`externalId=x-1&type=page&parentId=${shop}`, [one], [one]],
    ['parentId=01980f3b-1a2b-7c3d-8e4f-5a6b7c8d9e0f', [], []],
  ]
  for (const [query, whole, bobs] of cases)
    for (const limit of [1, 2, 100]) {
      for (const caller of [admin, service]) t.same(await listed(caller, path, query, limit), whole, query)
      t.same(await listed(member, path, query, limit), bobs, `${query} of Bob`)
    }
})

t.test('a filter of a wrong form is refused by name', async (t) => {
  const { admin, path } = await plant(muster)
  for (const [parameter, values] of Object.entries({
    type: ['', 'A', 'a%20b', '-a', 'x'.repeat(51)],
    parentId: ['', 'null', 'Root', '1', "'"],
    externalId: ['', '%20', '%0A', 'x'.repeat(256)],
  }))
    for (const value of values)
      t.match(await admin.get(`${path}/resources?${parameter}=${value}`), {
        status: 400,
        body: { code: 'invalid_request', errors: [{ parameter }] },
      })
  for (const query of ['name=design', 'parent=x', 'q=a', 'type=%00', 'externalId=%00', 'type=a&type=b'])
    t.match(await admin.get(`${path}/resources?${query}`), { status: 400, body: { code: 'invalid_request' } })
})

t.test('another organisation’s resources are in no list', async (t) => {
  const one = await plant(muster)
  const two = await plant(muster)
  await two.admin.patch(two.at(two.site), { externalId: 'theirs' })
  for (const query of [`parentId=${two.design}`, 'externalId=theirs'])
    for (const caller of [one.admin, one.service]) t.same(await listed(caller, one.path, query), [])
  await one.grant('bob', 'member', one.site)
  await two.grant('bob', 'admin', two.design)
  t.same(await listed(one.member, one.path), [one.site, one.shop])
})

t.test('a cursor belongs to its organisation, its filters and its caller', async (t) => {
  const { admin, accounting, service, path, design } = await plant(muster)
  const elsewhere = await plant(muster)
  const next = async (query: string) => (await admin.get(`${path}/resources?limit=1${query}`)).body.next
  const cursor = `cursor=${await next('')}`
  t.equal((await admin.get(`${path}/resources?limit=3&${cursor}`)).status, 200)
  for (const reply of [
    await admin.get(`${elsewhere.path}/resources?${cursor}`),
    await admin.get(`${path}/resources?type=place&${cursor}`),
    await admin.get(`${path}/resources?parentId=${design}&${cursor}`),
    await admin.get(`${path}/resources?cursor=${await next('&type=place')}`),
    await admin.get(`${path}/resources?type=other&cursor=${await next('&type=place')}`),
    await accounting.get(`${path}/resources?${cursor}`),
    await service.get(`${path}/resources?${cursor}`),
  ])
    t.match(reply, { status: 400, body: { code: 'invalid_cursor' } })
})

t.test('a right that comes or goes between two pages holds from the next one on', async (t) => {
  const { admin, member, path, design, site, shop, sales, crm, at, grant } = await plant(muster)
  await grant('bob', 'member', design)
  const page = async (query: string) => (await member.get(`${path}/resources?${query}`)).body
  const first = await page('limit=1')
  t.match(first.data, [{ id: design }])
  await grant('bob', 'member', sales)
  const ids = async () => (await page(`cursor=${first.next}`)).data.map(({ id }: { id: string }) => id)
  t.same(await ids(), [site, shop, sales, crm])
  await admin.delete(`${at(design)}/members/bob`)
  t.same(await ids(), [sales, crm])
  await admin.delete(`${path}/members/bob`)
  t.match(await member.get(`${path}/resources?cursor=${first.next}`), { status: 404 })
})
