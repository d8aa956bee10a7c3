import t from 'tap'
import { dump } from '../support/dump.ts'
import { joinAs, type Reply, startMuster } from '../support/muster.ts'
import { callOf, furnish, operationsOf, send } from '../support/operations.ts'

// Mallory is Admin of an organisation of her own, where she has a resource and Bob has every right; Bob is a Member of
// the victim's too, without a right on its resources. Ids of the victim's are no secret to either.
const muster = await startMuster(t)
const mallory = muster.user('mallory')
const backend = muster.service('muster:write muster:check')
const victim = await furnish(muster)
const { orgId, workspaceId, domainId, invitationId } = victim
const evil = (await mallory.post('/orgs', { name: 'Evil' })).body
const own = `/orgs/${evil.id}`
const lair = (await mallory.post(`${own}/resources`, { type: 'lair', name: 'Lair' })).body.id
const bob = await joinAs(muster, own, 'bob', 'admin')
await mallory.put(`${own}/resources/${lair}/members/bob`, { role: 'admin' })
await mallory.patch(own, { memberAccess: 'all' })
await victim.admin.patch(`${victim.path}/resources/${workspaceId}`, { externalId: 'ws-1' })
const MISSING = '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e'

const onResources = (await operationsOf(muster)).filter(({ path }) => path.includes('{resourceId}'))
const notFound = { status: 404, body: { code: 'resource_not_found' } }
const forbidden = { status: 403, body: { code: 'forbidden' } }

t.test('no operation reaches a resource through another organisation', async (t) => {
  t.ok(onResources.length >= 8)
  const before = await dump(muster.db)
  for (const resourceId of [workspaceId, domainId]) {
    const mixed = { ...victim, orgId: evil.id, path: own, workspaceId: resourceId }
    for (const caller of [mallory, bob, backend])
      for (const { operationId } of [...onResources, { operationId: 'createResource' }])
        t.match(await send(caller, callOf(operationId, mixed)), notFound, operationId)
  }
  t.same(await dump(muster.db), before)
})

t.test('an outsider cannot tell a resource that is there from one that is not', async (t) => {
  for (const { operationId } of onResources) {
    const answers = [workspaceId, domainId, lair, MISSING].map(async (resourceId) =>
      told(await send(mallory, callOf(operationId, { ...victim, workspaceId: resourceId }))),
    )
    for (const answer of await Promise.all(answers))
      t.match(answer, { status: 404, problem: { code: 'org_not_found' } }, operationId)
    t.equal(new Set((await Promise.all(answers)).map((answer) => JSON.stringify(answer))).size, 1)
  }
})

t.test('a role in one organisation, or on its resources, is none in another', async (t) => {
  for (const { operationId } of onResources)
    t.match(await send(bob, callOf(operationId, victim)), forbidden, operationId)
  t.same((await bob.get(`${victim.path}/resources`)).body, { data: [], next: null })
  const { body } = await bob.get(`${victim.path}/members/bob/access`)
  t.match(body.data, [{ resource: null, role: 'member' }])
  t.equal(body.data.length, 1)
})

t.test('nothing comes to lie in another organisation, or is taken out of it', async (t) => {
  const before = await dump(muster.db)
  for (const caller of [mallory, bob, backend])
    for (const parentId of [workspaceId, domainId])
      for (const refused of [
        await caller.post(`${own}/resources`, { type: 'lair', name: 'Cave', parentId }),
        await caller.patch(`${own}/resources/${lair}`, { parentId }),
      ])
        t.match(refused, { ...notFound, body: { errors: [{ pointer: '/parentId' }] } })
  for (const parentId of [lair, null])
    for (const [caller, answer] of [
      [mallory, { status: 404, body: { code: 'org_not_found' } }],
      [bob, forbidden],
    ] as const)
      t.match(await caller.patch(`${victim.path}/resources/${domainId}`, { parentId }), answer)
  t.match(await victim.admin.patch(`${victim.path}/resources/${domainId}`, { parentId: lair }), notFound)
  t.same(await dump(muster.db), before)
})

t.test('an invitation carries no right on a resource of another organisation', async (t) => {
  const { body } = await mallory.post(`${own}/invitations`, { email: 'henchman@example.com' })
  const before = await dump(muster.db)
  for (const resourceId of [workspaceId, domainId]) {
    const offer = { email: 'minion@example.com', resourceRoles: [{ resourceId, role: 'member' }] }
    for (const caller of [mallory, bob, backend]) {
      t.match(await caller.post(`${own}/invitations`, offer), notFound)
      const { resourceRoles } = offer
      t.match(await caller.patch(`${own}/invitations/${body.id}`, { resourceRoles }), notFound)
      const mine = [{ resourceId: lair, role: 'admin' }]
      t.match(await caller.patch(`${own}/invitations/${invitationId}`, { resourceRoles: mine }), {
        status: 404,
        body: { code: 'invitation_not_found' },
      })
    }
    const { body: batch } = await mallory.post(`${own}/invitations/batch`, { invitations: [offer] })
    t.match(batch.results, [{ status: 404, problem: { code: 'resource_not_found' } }])
  }
  t.same(await dump(muster.db), before)
})

t.test('nobody of another organisation is granted anything, but by a backend', async (t) => {
  const before = await dump(muster.db)
  for (const caller of [mallory, bob])
    t.match(await caller.put(`${own}/resources/${lair}/members/carl`, { role: 'member' }), {
      status: 404,
      body: { code: 'member_not_found' },
    })
  t.same(await dump(muster.db), before)
})

t.test('no question about another organisation’s place is answered by more than no', async (t) => {
  const places = [
    { orgId, permission: 'resource:read', resourceId: workspaceId },
    { orgId: evil.id, permission: 'resource:read', resourceId: workspaceId },
    { orgId: evil.id, permission: 'billing:read', resourceId: domainId },
    { orgId, permission: 'resource:read', resourceId: lair },
  ]
  const no = { allowed: false, role: null, source: null }
  const asked = [
    await mallory.post('/access/check', { checks: [{ orgId, permission: 'org:read' }, ...places] }),
    await bob.post('/access/check', { checks: places }),
    ...(await Promise.all(
      ['bob', 'mallory', 'nobody'].map((userId) =>
        backend.post('/access/check', { checks: places.map((place) => ({ ...place, userId })) }),
      ),
    )),
  ]
  for (const { status, body } of asked) {
    t.equal(status, 200)
    for (const result of body.results) t.same(result, no)
  }
})

t.test('no filter and no cursor opens another organisation’s list', async (t) => {
  for (const caller of [mallory, bob, backend])
    for (const filter of [`parentId=${workspaceId}`, 'externalId=ws-1', 'type=workspace'])
      t.same((await caller.get(`${own}/resources?${filter}`)).body, { data: [], next: null }, filter)
  for (const userId of ['mallory', 'bob'])
    t.same((await backend.get(`${own}/members/${userId}/access?resourceId=${domainId}`)).body.data, [])
  for (const list of ['resources', `resources/${workspaceId}/members`, 'members/alice/access']) {
    const { next } = (await backend.get(`${victim.path}/${list}?limit=1`)).body
    t.type(next, 'string')
    for (const path of [
      `${own}/resources`,
      `${own}/resources/${lair}/members`,
      `${own}/members/mallory/access`,
    ])
      t.match(await backend.get(`${path}?cursor=${next}`), { status: 400, body: { code: 'invalid_cursor' } })
  }
})

t.test('invoice information is told of one place, and of none beside it', async (t) => {
  for (const caller of [mallory, bob, backend])
    for (const path of [`${own}/billing`, `${own}/resources/${lair}/billing`]) {
      const { status, body } = await caller.get(path)
      t.equal(status, 200)
      t.match(body, { legalName: null, version: 0 })
    }
})

/** What an answer tells, apart from what the caller said and what every answer has of its own. */
function told({ status, body }: Reply): object {
  const { requestId, instance, ...problem } = body
  return { status, problem }
}
