import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { dump } from '../../support/dump.ts'
import { joinAs, type Reply, startMuster, withOrg } from '../../support/muster.ts'
import { grow } from '../../support/tree.ts'

const muster = await startMuster(t)

/** Alice's organisation with two resources, one in the other, and what anybody may be offered there. */
async function scene() {
  const { alice, path } = await withOrg(muster)
  const design = await grow(alice, path, 'design')
  const site = await grow(alice, path, 'site', design)
  const offered = [
    { resourceId: site, role: 'admin' },
    { resourceId: design, role: 'accounting' },
  ]
  return { alice, path, design, site, offered, invitations: `${path}/invitations` }
}

const bob = (resourceRoles: unknown) => ({ email: 'bob@example.com', resourceRoles })

t.test(
  'rights on resources are offered with an invitation, and told wherever an Admin reads it',
  async (t) => {
    const { alice, invitations, offered } = await scene()
    const { status, body } = await alice.post(invitations, bob(offered))
    t.equal(status, 201)
    t.same(body.resourceRoles, offered)
    t.same((await alice.get(`${invitations}/${body.id}`)).body.resourceRoles, offered)
    t.same((await alice.get(invitations)).body.data[0].resourceRoles, offered)
    t.same((await alice.post(`${invitations}/${body.id}/resend`)).body.resourceRoles, offered)
    t.same((await alice.post(`${invitations}/${body.id}/revoke`)).body.resourceRoles, offered)
    t.same((await alice.post(invitations, { email: 'carl@example.com' })).body.resourceRoles, [])
  },
)

t.test('an id in upper case is the same id', async (t) => {
  const { alice, invitations, site } = await scene()
  const { body } = await alice.post(invitations, bob([{ resourceId: site.toUpperCase(), role: 'member' }]))
  t.same(body.resourceRoles, [{ resourceId: site, role: 'member' }])
})

t.test('neither the bell nor the preview tells of what lies in the organisation', async (t) => {
  const { alice, invitations, design, site, offered } = await scene()
  const invitation = await alice.post(invitations, { ...bob(offered), notify: false })
  for (const [caller, path] of [
    [muster.user('bob'), '/invitations'],
    [muster.stranger, `/invitations/${invitation.body.code}`],
  ] as const) {
    const { status, body } = await caller.get(path)
    t.equal(status, 200)
    t.notMatch(JSON.stringify(body), new RegExp(`${design}|${site}|resource`))
  }
})

t.test('each right of a batch is checked by itself', async (t) => {
  const { alice, invitations, offered } = await scene()
  const wrong = [...offered, { resourceId: randomUUID(), role: 'member' }]
  const { status, body } = await alice.post(`${invitations}/batch`, {
    invitations: [
      { email: 'ann@example.com', resourceRoles: wrong },
      { email: 'bob@example.com', resourceRoles: offered },
      { resourceRoles: offered },
      { email: 'cleo@example.com', resourceRoles: [...offered, ...offered] },
      { email: 'dan@example.com', resourceRoles: [{ role: 'member' }] },
    ],
  })
  t.equal(status, 200)
  t.match(body.results, [
    { status: 404, problem: { code: 'resource_not_found', errors: at('/resourceRoles/2/resourceId') } },
    { status: 201, invitation: { resourceRoles: offered } },
    { status: 422, problem: { code: 'role_not_allowed', errors: at('/resourceRoles/0/role') } },
    { status: 400, problem: { code: 'invalid_request', errors: at('/resourceRoles/2/resourceId') } },
    { status: 400, problem: { code: 'invalid_request', errors: at('/resourceRoles/0/resourceId') } },
  ])
  t.equal((await alice.get(invitations)).body.data.length, 1)
})

t.test('what is not there, or not there any more, or elsewhere cannot be offered', async (t) => {
  const { alice, path, invitations, offered, design } = await scene()
  const elsewhere = await scene()
  const deleted = await grow(alice, path, 'deleted', design)
  await alice.delete(`${path}/resources/${deleted}`)
  const { body } = await alice.post(invitations, { email: 'carl@example.com' })
  const before = await dump(muster.db)
  for (const resourceId of [randomUUID(), deleted, elsewhere.site]) {
    const resourceRoles = [...offered, { resourceId, role: 'member' }]
    for (const caller of [alice, muster.service('muster:write')])
      for (const refused of [
        await caller.post(invitations, bob(resourceRoles)),
        await caller.patch(`${invitations}/${body.id}`, { resourceRoles }),
      ])
        isRefused(t, refused, 404, 'resource_not_found', '/resourceRoles/2/resourceId')
  }
  t.same(await dump(muster.db), before)
})

t.test('a resource is named once, in whatever case', async (t) => {
  const { alice, invitations, offered, site } = await scene()
  const { body } = await alice.post(invitations, { email: 'carl@example.com' })
  const before = await dump(muster.db)
  for (const resourceId of [site, site.toUpperCase()])
    for (const role of ['admin', 'member']) {
      const resourceRoles = [...offered, { resourceId, role }]
      for (const refused of [
        await alice.post(invitations, bob(resourceRoles)),
        await alice.patch(`${invitations}/${body.id}`, { resourceRoles }),
      ])
        isRefused(t, refused, 400, 'invalid_request', '/resourceRoles/2/resourceId')
    }
  t.same(await dump(muster.db), before)
})

t.test('up to fifty rights come with an invitation', async (t) => {
  const { alice, path, invitations } = await scene()
  const ids = await Promise.all(Array.from({ length: 51 }, () => grow(alice, path, 'one of many')))
  const resourceRoles = ids.map((resourceId) => ({ resourceId, role: 'member' }))
  const { body } = await alice.post(invitations, bob(resourceRoles.slice(1)))
  t.same(body.resourceRoles, resourceRoles.slice(1))
  for (const refused of [
    await alice.post(invitations, { email: 'carl@example.com', resourceRoles }),
    await alice.patch(`${invitations}/${body.id}`, { resourceRoles }),
  ])
    isRefused(t, refused, 400, 'invalid_request', '/resourceRoles')
})

t.test('a right is a resource and a role, and nothing else', async (t) => {
  const { alice, invitations, site: resourceId } = await scene()
  const role = 'member'
  for (const [resourceRoles, pointer] of [
    [null, '/resourceRoles'],
    [{ resourceId, role }, '/resourceRoles'],
    [[null], '/resourceRoles/0'],
    [[[resourceId, role]], '/resourceRoles/0'],
    [[{ resourceId }], '/resourceRoles/0/role'],
    [[{ role }], '/resourceRoles/0/resourceId'],
    [[{ resourceId, role: 'owner' }], '/resourceRoles/0/role'],
    [[{ resourceId, role: null }], '/resourceRoles/0/role'],
    [[{ resourceId: 'site', role }], '/resourceRoles/0/resourceId'],
    [[{ resourceId: [resourceId], role }], '/resourceRoles/0/resourceId'],
    [[{ resourceId, role, userId: 'bob' }], '/resourceRoles/0/userId'],
  ] as const)
    isRefused(t, await alice.post(invitations, bob(resourceRoles)), 400, 'invalid_request', pointer)
})

t.test('an open code never makes an Admin of a resource', async (t) => {
  const { alice, invitations, design, site } = await scene()
  const resourceRoles = [
    { resourceId: design, role: 'accounting' },
    { resourceId: site, role: 'admin' },
  ]
  const { body } = await alice.post(invitations, { maxUses: 3, resourceRoles: resourceRoles.slice(0, 1) })
  const before = await dump(muster.db)
  for (const caller of [alice, muster.service('muster:write')])
    for (const refused of [
      await caller.post(invitations, { resourceRoles }),
      await caller.post(invitations, { maxUses: 3, resourceRoles }),
      await caller.patch(`${invitations}/${body.id}`, { resourceRoles }),
    ])
      isRefused(t, refused, 422, 'role_not_allowed', '/resourceRoles/1/role')
  t.same(await dump(muster.db), before)
})

t.test(
  'the rights of a pending invitation are replaced whole, and kept where they are not named',
  async (t) => {
    const { alice, path, invitations, offered, design, site } = await scene()
    const { body } = await alice.post(invitations, bob(offered))
    const one = `${invitations}/${body.id}`
    const other = [{ resourceId: design, role: 'member' }]
    t.match((await alice.patch(one, { resourceRoles: other })).body, { resourceRoles: other, version: 2 })
    t.same((await alice.patch(one, { role: 'accounting' })).body.resourceRoles, other)
    t.same((await alice.patch(one, { resourceRoles: offered })).body.resourceRoles, offered)
    await alice.delete(`${path}/resources/${site}`)
    const longer = await alice.patch(one, { expiresInDays: 30 })
    t.equal(longer.status, 200, 'also when what was offered is gone')
    t.same(longer.body.resourceRoles, offered)
    t.same((await alice.patch(one, { resourceRoles: [] })).body.resourceRoles, [])
    t.match(await alice.patch(one, { resourceRoles: other }, { 'if-match': '"1"' }), {
      status: 412,
      body: { code: 'version_mismatch' },
    })
  },
)

t.test('an Admin of a resource alone invites nobody to it', async (t) => {
  const { alice, path, invitations, site } = await scene()
  const carl = await joinAs(muster, path, 'carl')
  await alice.put(`${path}/resources/${site}/members/carl`, { role: 'admin' })
  t.match(await carl.post(invitations, bob([{ resourceId: site, role: 'member' }])), {
    status: 403,
    body: { code: 'forbidden' },
  })
})

const at = (pointer: string) => [{ pointer }]

function isRefused(t: Test, { status, body }: Reply, expected: number, code: string, pointer: string): void {
  t.match({ status, body }, { status: expected, body: { code } }, pointer)
  t.ok(
    body.errors?.some((error: { pointer?: string }) => error.pointer === pointer),
    `${pointer}: ${JSON.stringify(body.errors)}`,
  )
}
