import t from 'tap'
import { type Caller, joinAs, startMuster, withOrg } from '../../support/muster.ts'
import { grow } from '../../support/tree.ts'

const muster = await startMuster(t)
const bob = muster.user('bob')
const backend = muster.service('muster:write')

/**
 * Alice's organisation with two resources, each with one more below it, and an invitation with rights on the first two:
 * for Bob, where the draft does not say otherwise.
 */
async function scene(draft: object = { email: 'bob@example.com' }, by: Caller = muster.user('alice')) {
  const { alice, path } = await withOrg(muster)
  const design = await grow(alice, path, 'design')
  const sales = await grow(alice, path, 'sales')
  const site = await grow(alice, path, 'site', design)
  const crm = await grow(alice, path, 'crm', sales)
  const offered = [
    { resourceId: design, role: 'accounting' },
    { resourceId: sales, role: 'member' },
  ]
  const invitation = { ...draft, resourceRoles: offered, notify: false }
  const { id, code } = (await by.post(`${path}/invitations`, invitation)).body
  const at = (resourceId: string) => `${path}/resources/${resourceId}`
  return { alice, path, at, design, sales, site, crm, offered, one: `${path}/invitations/${id}`, code }
}

const accept = (code: string, who = bob) => who.post(`/invitations/${code}/accept`)

t.test('the rights are given with the membership, in one moment and by the inviter', async (t) => {
  const { alice, path, at, design, sales, site, crm, offered, code } = await scene()
  const unoffered = await grow(alice, path, 'legal')
  const { status, body } = await accept(code)
  t.equal(status, 201)
  t.same([body.resourceRoles, body.leftOut], [offered, []])

  const access = (await bob.get(`${path}/members/bob/access`)).body.data
  t.same(
    access.map((each: Access) => [each.resource?.id, each.role]),
    [
      [undefined, 'member'],
      [design, 'accounting'],
      [sales, 'member'],
      [site, 'accounting'],
      [crm, 'member'],
    ],
  )
  for (const { reasons } of access)
    t.match(reasons, [{ since: body.joinedAt, grantedBy: { type: 'user', userId: 'alice', name: 'Alice' } }])
  t.equal((await bob.get(at(unoffered))).status, 403)
})

t.test('what a service offered was given by the service', async (t) => {
  const { path, design, code } = await scene(undefined, backend)
  await accept(code)
  const { body } = await bob.get(`${path}/members/bob/access?resourceId=${design}`)
  t.match(body.data[0].reasons, [{ grantedBy: { type: 'service', userId: 'backend', name: null } }])
})

t.test('what was deleted meanwhile is left out, and the answer says so, again too', async (t) => {
  const { alice, at, design, sales, crm, offered, code } = await scene()
  await alice.delete(at(design))
  const first = await accept(code)
  t.match(first, { status: 201, body: { role: 'member', resourceRoles: offered.slice(1) } })
  t.same(first.body.leftOut, offered.slice(0, 1))
  for (const again of [await accept(code), await accept(code.toLowerCase())]) {
    t.equal(again.status, 200)
    t.same(again.body, first.body)
  }
  for (const [resourceId, status] of [
    [design, 404],
    [sales, 200],
    [crm, 200],
  ] as const)
    t.equal((await bob.get(at(resourceId))).status, status)
})

t.test('also when it went with what it lay in, and when nothing is left', async (t) => {
  const { alice, path, at, design, site, sales, one, code } = await scene()
  const offered = [
    { resourceId: sales, role: 'member' },
    { resourceId: site, role: 'admin' },
  ]
  await alice.patch(one, { resourceRoles: offered })
  for (const gone of [design, sales]) await alice.delete(at(gone))
  const { status, body } = await accept(code)
  t.equal(status, 201)
  t.same([body.resourceRoles, body.leftOut], [[], offered])
  t.equal((await bob.get(path)).body.role, 'member')
})

t.test('what was renamed or moved meanwhile is the same resource', async (t) => {
  const { alice, at, design, sales, crm, offered, code } = await scene()
  await alice.patch(at(design), { name: 'Brand', parentId: sales })
  t.same((await accept(code)).body.resourceRoles, offered)
  t.match(await bob.get(at(design)), { status: 200, body: { name: 'Brand', role: 'accounting' } })
  t.match(await bob.get(at(crm)), { status: 200, body: { role: 'member' } })
})

t.test('an open code gives its rights to each who joins by it', async (t) => {
  const { path, design, offered, code } = await scene({ maxUses: 3 })
  for (const id of ['uma', 'ugo', 'ulf']) {
    const { status, body } = await accept(code, muster.user(id))
    t.equal(status, 201)
    t.same([body.resourceRoles, body.leftOut], [offered, []])
  }
  const { body } = await backend.get(`${path}/resources/${design}/members`)
  t.match(
    body.data.filter(({ source }: { source: string }) => source === 'direct'),
    [
      { userId: 'ugo', role: 'accounting' },
      { userId: 'ulf', role: 'accounting' },
      { userId: 'uma', role: 'accounting' },
    ],
  )
})

t.test('a new code gives the same rights, by the word of who sent it', async (t) => {
  const { path, one, design, offered } = await scene()
  const { body } = await backend.post(`${one}/resend`)
  t.same((await accept(body.code)).body.resourceRoles, offered)
  const { body: access } = await bob.get(`${path}/members/bob/access?resourceId=${design}`)
  t.match(access.data[0].reasons, [{ grantedBy: { type: 'service' } }])
})

t.test('accepting again gives back nothing that was taken or changed since', async (t) => {
  const { alice, at, design, sales, code } = await scene()
  await accept(code)
  await alice.delete(`${at(design)}/members/bob`)
  await alice.put(`${at(sales)}/members/bob`, { role: 'admin' })
  const again = await accept(code)
  t.equal(again.status, 200)
  t.same([again.body.resourceRoles, again.body.leftOut], [[{ resourceId: sales, role: 'admin' }], []])
  t.equal((await bob.get(at(design))).status, 403)
})

t.test('the same acceptance, sent twice, gives once', async (t) => {
  const { alice, at, design, offered, code } = await scene()
  const key = { 'idempotency-key': 'accept-once' }
  const first = await bob.post(`/invitations/${code}/accept`, undefined, key)
  t.match(first, { status: 201, body: { resourceRoles: offered } })
  await alice.delete(`${at(design)}/members/bob`)
  const again = await bob.post(`/invitations/${code}/accept`, undefined, key)
  t.equal(again.headers.get('idempotency-replayed'), 'true')
  t.same([again.status, again.body], [201, first.body], 'what was answered then')
  t.equal((await bob.get(at(design))).status, 403, 'and what holds now')
})

t.test('who is a member already is given nothing', async (t) => {
  const { path, at, design, code } = await scene({ maxUses: 2 })
  const carl = await joinAs(muster, path, 'carl')
  t.match(await accept(code, carl), { status: 409, body: { code: 'already_member' } })
  t.equal((await carl.get(at(design))).status, 403)
})

t.test('the rights end with the membership, and a new invitation does not bring them back', async (t) => {
  const { alice, path, at, design, code } = await scene()
  await accept(code)
  await alice.delete(`${path}/members/bob`)
  t.match(await accept(code), { status: 410, body: { code: 'invitation_used' } })
  await joinAs(muster, path, 'bob')
  t.equal((await bob.get(at(design))).status, 403)
})

t.test('an acceptance and a deletion at the same time both succeed, in one order or the other', async (t) => {
  for (let n = 0; n < 10; n++) {
    const { alice, at, design, sales, offered, code } = await scene()
    const [accepted, deleted] = await Promise.all([accept(code), alice.delete(at(design))])
    t.same([accepted.status, deleted.status], [201, 204])
    const { resourceRoles, leftOut } = accepted.body
    t.same([...leftOut, ...resourceRoles], offered)
    t.equal((await bob.get(at(sales))).body.role, 'member')
  }
})

interface Access {
  readonly resource: { readonly id: string } | null
  readonly role: string
}
