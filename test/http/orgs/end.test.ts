import t from 'tap'
import { dump } from '../../support/dump.ts'
import { startMuster, withOrg } from '../../support/muster.ts'
import { callOf, furnish, operationsOf, send } from '../../support/operations.ts'

const muster = await startMuster(t)
const backend = muster.service('muster:write')

t.test('a deleted organisation is gone for everyone at once, on every route', async (t) => {
  const place = await furnish(muster)
  t.match(await place.admin.delete(`${place.path}?confirm=Acme`), { status: 204, body: '' })

  const routes = await operationsOf(muster)
  const inAnOrg = routes.filter(({ path }) => path.startsWith('/orgs/{orgId}'))
  t.ok(inAnOrg.length > 10)
  const before = await dump(muster.db)
  for (const { operationId } of inAnOrg)
    for (const role of ['admin', 'accounting', 'member', 'service'] as const) {
      if (operationId === 'restoreOrg') continue
      const { status, body } = await send(place[role], callOf(operationId, place))
      const forServices = role === 'service' && ['leaveOrg', 'transferOrg'].includes(operationId)
      t.equal(body.code, forServices ? 'forbidden' : 'org_not_found', `${operationId} by ${role}`)
      t.equal(status, forServices ? 403 : 404)
    }
  for (const verb of ['previewInvitation', 'acceptInvitation', 'declineInvitation'])
    t.match(await send(place.invited, callOf(verb, place)), {
      status: 404,
      body: { code: 'invitation_not_found' },
    })
  t.same(await dump(muster.db), before)
})

t.test('a deleted organisation is in no list and on no bell', async (t) => {
  const { admin, invited, orgId, path } = await furnish(muster)
  const seen = async () => {
    const replies = [
      await admin.get('/orgs?limit=100'),
      await admin.get('/me'),
      await invited.get('/invitations?limit=100'),
      await backend.get('/orgs?limit=100&userId=alice'),
    ]
    return replies.map(({ body }) => JSON.stringify(body).includes(orgId))
  }
  t.same(await seen(), [true, true, true, true])
  await admin.delete(`${path}?confirm=Acme`)
  t.same(await seen(), [false, false, false, false])
})

t.test('a wrong name deletes nothing', async (t) => {
  const { alice, path } = await withOrg(muster)
  const before = await dump(muster.db)
  for (const confirm of ['', 'acme', 'Acme ', ' Acme', 'Acm', 'Acme Ltd', '*']) {
    const { status, body } = await alice.delete(`${path}?confirm=${encodeURIComponent(confirm)}`)
    t.equal(status, 422, confirm)
    t.equal(body.code, 'confirmation_mismatch')
  }
  for (const query of [
    'confirm=Acme%00',
    'confirm=Acme&confirm=Acme',
    'confirm=Acme&force=true',
    'Confirm=Acme',
  ])
    t.match(await alice.delete(`${path}?${query}`), { status: 400, body: { code: 'invalid_request' } })
  const missing = await alice.delete(path)
  t.equal(missing.status, 400)
  t.match(missing.body.errors, [{ parameter: 'confirm', detail: 'is missing' }])
  t.same(await dump(muster.db), before)
})

t.test('a name of any letters can be confirmed', async (t) => {
  const { alice, path } = await withOrg(muster, 'Ünï & Co + 100% 🦀?')
  t.equal((await alice.delete(`${path}?confirm=${encodeURIComponent('Ünï & Co + 100% 🦀?')}`)).status, 204)
})

t.test('the name to confirm is the present one', async (t) => {
  const { alice, path } = await withOrg(muster, 'Before')
  await alice.patch(path, { name: 'After' })
  t.equal((await alice.delete(`${path}?confirm=Before`)).status, 422)
  t.equal((await alice.delete(`${path}?confirm=After`)).status, 204)
})

t.test('a backend deletes too, and confirms too', async (t) => {
  const { path } = await withOrg(muster)
  t.equal((await backend.delete(`${path}?confirm=Other`)).status, 422)
  t.equal((await backend.delete(`${path}?confirm=Acme`)).status, 204)
  t.equal((await backend.delete(`${path}?confirm=Acme`)).status, 404)
})

t.test('the slug and the externalId of a deleted organisation stay reserved', async (t) => {
  const ids = { slug: 'reserved', externalId: 'reserved-1' }
  const { body } = await backend.post('/orgs', { name: 'R', ...ids, adminUserId: 'alice' })
  await backend.delete(`/orgs/${body.id}?confirm=R`)
  const slug = await muster.user('bob').post('/orgs', { name: 'B', slug: 'reserved' })
  t.match(slug, { status: 409, body: { code: 'slug_taken' } })
  const externalId = await backend.post('/orgs', { name: 'B', externalId: 'reserved-1', adminUserId: 'bob' })
  t.match(externalId, { status: 409, body: { code: 'external_id_taken' } })
})

t.test(
  'a restore brings back the organisation, its members with their roles, and its invitations',
  async (t) => {
    const place = await furnish(muster)
    await place.admin.patch(place.path, { slug: 'phoenix', metadata: { plan: 'team' } })
    const all = async () => [
      (await place.admin.get(`${place.path}/members`)).body,
      (await place.admin.get(`${place.path}/invitations`)).body,
    ]
    const { version, updatedAt, role, ...org } = (await place.admin.get(place.path)).body
    const before = await all()
    await place.admin.delete(`${place.path}?confirm=Acme`)

    const restored = await backend.post(`${place.path}/restore`)
    t.equal(restored.status, 200)
    t.match(restored.body, org)
    t.ok(restored.body.version > version)
    t.equal(restored.headers.get('etag'), `"${restored.body.version}"`)
    t.same(await all(), before)
    t.equal((await place.member.get(place.path)).body.role, 'member')
    t.equal((await send(place.invited, callOf('acceptInvitation', place))).status, 201)
  },
)

t.test('restoring what is not deleted changes nothing', async (t) => {
  const { path, org } = await withOrg(muster)
  const before = await dump(muster.db)
  t.match(await backend.post(`${path}/restore`), { status: 200, body: { id: org.id, version: 1 } })
  t.same(await dump(muster.db), before)
})

t.test('only a service that may write restores', async (t) => {
  const { alice, path } = await withOrg(muster)
  await alice.delete(`${path}?confirm=Acme`)
  for (const caller of [alice, muster.service('muster:read'), muster.service('muster:check')])
    t.match(await caller.post(`${path}/restore`), { status: 403, body: { code: 'forbidden' } })
  const missing = '/orgs/01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e/restore'
  t.match(await backend.post(missing), { status: 404, body: { code: 'org_not_found' } })
})

t.test('an organisation can be restored for thirty days, and not on the thirty-first', async (t) => {
  const deletedFor = async (time: string) => {
    const { alice, org, path } = await withOrg(muster)
    await alice.delete(`${path}?confirm=Acme`)
    const ago = `update orgs set deleted_at = now() - $2::interval where id = $1`
    await muster.db.pool.query(ago, [org.id, time])
    return backend.post(`${path}/restore`)
  }
  t.equal((await deletedFor('29 days 23 hours')).status, 200)
  t.match(await deletedFor('30 days 1 second'), { status: 404, body: { code: 'org_not_found' } })
  t.equal((await deletedFor('31 days')).status, 404)
})
