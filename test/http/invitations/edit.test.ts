import t from 'tap'
import { joinAs, startMuster, withOrg } from '../../support/muster.ts'

const muster = await startMuster(t)
const backend = muster.service('muster:write')

t.test('an Admin changes what a pending invitation offers; whoever accepts gets that', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { email: 'bob@example.com', notify: false })
  const edited = await alice.patch(`${path}/invitations/${body.id}`, { role: 'accounting' })
  t.equal(edited.status, 200)
  t.equal(edited.headers.get('etag'), '"2"')
  const { code, acceptUrl, ...made } = body
  t.same(edited.body, { ...made, role: 'accounting', version: 2 })
  t.match(await muster.user('bob').post(`/invitations/${code}/accept`), {
    status: 201,
    body: { role: 'accounting' },
  })
})

t.test('a new term counts from now, and the code stays', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { expiresInDays: 30 })
  await muster.db.pool.query(
    "update invitations set created_at = created_at - interval '3 days', expires_at = now() + interval '1 minute' where id = $1",
    [body.id],
  )
  const before = Date.now()
  const edited = await alice.patch(`${path}/invitations/${body.id}`, { expiresInDays: 2 })
  const inDays = (Date.parse(edited.body.expiresAt) - before) / 86_400_000
  t.ok(inDays > 1.999 && inDays < 2.001, `${inDays} days`)
  t.equal((await muster.stranger.get(`/invitations/${body.code}`)).status, 200)
})

t.test('a resend renews the last term that was set', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, {})
  await alice.patch(`${path}/invitations/${body.id}`, { expiresInDays: 20 })
  const again = await alice.post(`${path}/invitations/${body.id}/resend`)
  const inDays = (Date.parse(again.body.expiresAt) - Date.now()) / 86_400_000
  t.ok(inDays > 19.99 && inDays <= 20, `${inDays} days`)
})

t.test('an open code is never changed into one that makes an Admin', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, {})
  for (const caller of [alice, backend])
    t.match(await caller.patch(`${path}/invitations/${body.id}`, { role: 'admin' }), {
      status: 422,
      body: { code: 'role_not_allowed', errors: [{ pointer: '/role' }] },
    })
  t.match((await alice.get(`${path}/invitations/${body.id}`)).body, { role: 'member', version: 1 })
})

t.test('nothing else of an invitation can be changed', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { email: 'bob@example.com' })
  for (const [field, value] of Object.entries({
    email: 'eve@example.com',
    orgId: '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e',
    maxUses: 5,
    message: 'Hi',
    status: 'accepted',
    metadata: {},
    expiresAt: '2030-01-01T00:00:00Z',
  }))
    t.match(await alice.patch(`${path}/invitations/${body.id}`, { [field]: value }), {
      status: 400,
      body: { code: 'invalid_request', errors: [{ pointer: `/${field}` }] },
    })
  for (const change of [{ role: 'owner' }, { role: null }, { expiresInDays: 0 }, { expiresInDays: 31 }])
    t.match(await alice.patch(`${path}/invitations/${body.id}`, change), {
      status: 400,
      body: { code: 'invalid_request' },
    })
  t.same((await alice.get(`${path}/invitations/${body.id}`)).body, body)
})

t.test('only a pending invitation is changed', async (t) => {
  const { alice, path } = await withOrg(muster)
  const invite = async (email: string) =>
    (await alice.post(`${path}/invitations`, { email, notify: false })).body
  const accepted = await invite('bob@example.com')
  await muster.user('bob').post(`/invitations/${accepted.code}/accept`)
  const declined = await invite('carol@example.com')
  await muster.user('carol').post(`/invitations/${declined.code}/decline`, {})
  const revoked = await invite('dave@example.com')
  await alice.post(`${path}/invitations/${revoked.id}/revoke`)
  const expired = await invite('erin@example.com')
  await muster.db.pool.query('update invitations set expires_at = now() where id = $1', [expired.id])
  for (const { id } of [accepted, declined, revoked, expired]) {
    const { body: before } = await alice.get(`${path}/invitations/${id}`)
    for (const change of [{ role: 'accounting' }, { expiresInDays: 30 }])
      t.match(await alice.patch(`${path}/invitations/${id}`, change), {
        status: 409,
        body: { code: 'invitation_not_pending' },
      })
    t.same((await alice.get(`${path}/invitations/${id}`)).body, before)
  }
})

t.test('who changes, revokes or sends again what has changed since they read it is told so', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { email: 'bob@example.com', notify: false })
  const one = `${path}/invitations/${body.id}`
  await alice.patch(one, { role: 'accounting' })
  const stale = { 'if-match': '"1"' }
  for (const refused of [
    await alice.patch(one, { role: 'admin' }, stale),
    await alice.post(`${one}/revoke`, undefined, stale),
    await alice.post(`${one}/resend`, undefined, stale),
    await muster.user('bob').post(`/invitations/${body.code}/accept`, undefined, stale),
    await muster.user('bob').post(`/invitations/${body.code}/decline`, {}, stale),
  ])
    t.match(refused, { status: 412, body: { code: 'version_mismatch' } })
  t.match((await alice.get(one)).body, { role: 'accounting', status: 'pending', version: 2 })
  t.match(await alice.patch(one, { role: 'member' }, { 'if-match': '"2"' }), {
    status: 200,
    body: { version: 3 },
  })
  t.equal((await alice.post(`${one}/resend`, undefined, { 'if-match': '"3"' })).body.version, 4)
})

t.test('an invitation of another organisation is not found', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { path: elsewhere } = await withOrg(muster, 'Globex')
  const { body } = await alice.post(`${path}/invitations`, {})
  const wrong = `${elsewhere}/invitations/${body.id}`
  for (const refused of [
    await alice.patch(wrong, { role: 'accounting' }),
    await alice.post(`${wrong}/revoke`),
    await alice.post(`${wrong}/resend`),
  ])
    t.match(refused, { status: 404, body: { code: 'invitation_not_found' } })
  t.match((await alice.get(`${path}/invitations/${body.id}`)).body, { status: 'pending', version: 1 })
})

t.test('whoever loses the Admin role changes no invitation with the next call', async (t) => {
  const { alice, path } = await withOrg(muster)
  const dana = await joinAs(muster, path, 'dana', 'admin')
  const { body } = await dana.post(`${path}/invitations`, {})
  await alice.patch(`${path}/members/dana`, { role: 'member' })
  t.equal((await dana.patch(`${path}/invitations/${body.id}`, { role: 'accounting' })).status, 403)
})
