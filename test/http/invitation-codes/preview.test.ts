import t from 'tap'
import { startMuster, withOrg } from '../../support/muster.ts'

const muster = await startMuster(t)

t.test('whoever holds a code sees where it leads, signed in or not', async (t) => {
  const { alice, org, path } = await withOrg(muster)
  const { body: made } = await alice.post(`${path}/invitations`, {
    email: 'joe@example.com',
    role: 'accounting',
    message: 'Hello',
    notify: false,
  })
  for (const caller of [
    muster.stranger,
    muster.user('joe'),
    muster.user('mallory'),
    muster.service('muster:check'),
  ]) {
    const { status, body, headers } = await caller.get(`/invitations/${made.code}`)
    t.equal(status, 200)
    t.equal(headers.get('cache-control'), 'no-store')
    t.same(body, {
      id: made.id,
      org: { id: org.id, name: 'Acme', logoUrl: null },
      role: 'accounting',
      invitedBy: { name: 'Alice' },
      message: 'Hello',
      createdAt: made.createdAt,
      expiresAt: made.expiresAt,
      version: 1,
    })
  }
})

t.test('a preview names nobody’s address, in no answer, a refusal included', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { email: 'kim@example.com', notify: false })
  t.notMatch(JSON.stringify(await muster.stranger.get(`/invitations/${body.code}`)), 'kim@example.com')
  await alice.post(`${path}/invitations/${body.id}/revoke`)
  const refused = await muster.stranger.get(`/invitations/${body.code}`)
  t.match(refused, { status: 410, body: { code: 'invitation_revoked' } })
  t.equal(refused.headers.get('cache-control'), 'no-store')
  t.notMatch(JSON.stringify(refused.body), '@example.com')
})

t.test('a preview changes nothing', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, {})
  const row = async () =>
    (await muster.db.pool.query('select to_jsonb(i) from invitations i where id = $1', [body.id])).rows
  const before = await row()
  for (let times = 0; times < 3; times++) await muster.user('lee').get(`/invitations/${body.code}`)
  t.same(await row(), before)
  t.equal((await muster.user('lee').post(`/invitations/${body.code}/accept`)).status, 201)
})

t.test('a preview tells why an invitation is over', async (t) => {
  const { alice, path } = await withOrg(muster)
  const mia = muster.user('mia')
  const { body: used } = await alice.post(`${path}/invitations`, {})
  await mia.post(`/invitations/${used.code}/accept`)
  const { body: declined } = await alice.post(`${path}/invitations`, {
    email: 'ned@example.com',
    notify: false,
  })
  await muster.user('ned').post(`/invitations/${declined.code}/decline`, {})
  const { body: expired } = await alice.post(`${path}/invitations`, {})
  await muster.db.pool.query('update invitations set expires_at = now() where id = $1', [expired.id])
  for (const [code, { code: held }] of Object.entries({ used, declined, expired }))
    t.match(await muster.stranger.get(`/invitations/${held}`), {
      status: 410,
      body: { code: `invitation_${code}` },
    })
})

t.test('by its id an invitation is shown to the verified person it is for, and to nobody else', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { email: 'ola@example.com' })
  t.equal((await muster.user('ola').get(`/invitations/${body.id}`)).status, 200)
  for (const caller of [
    muster.stranger,
    muster.user('mallory'),
    muster.user('ola', { email_verified: false }),
    alice,
    muster.service('muster:write'),
  ])
    t.match(await caller.get(`/invitations/${body.id}`), {
      status: 404,
      body: { code: 'invitation_not_found' },
    })
})
