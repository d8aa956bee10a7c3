import t from 'tap'
import { joinAs, startMuster, withOrg } from '../../support/muster.ts'

const muster = await startMuster(t)
const ids = (body: { data: { id: string }[] }) => body.data.map(({ id }) => id)

t.test('the bell shows what waits for my verified address, and who asks me where', async (t) => {
  const { alice, org, path } = await withOrg(muster)
  await alice.patch(path, { logoUrl: 'https://cdn.example.com/logo.svg' })
  const { body: made } = await alice.post(`${path}/invitations`, {
    email: 'Ann@Example.com',
    role: 'accounting',
    message: 'Join us!',
    metadata: { secret: 'of the inviter' },
  })
  const ann = muster.user('ann')
  const { status, body } = await ann.get('/invitations')
  t.equal(status, 200)
  t.same(body, {
    data: [
      {
        id: made.id,
        org: { id: org.id, name: 'Acme', logoUrl: 'https://cdn.example.com/logo.svg' },
        role: 'accounting',
        invitedBy: { name: 'Alice' },
        message: 'Join us!',
        createdAt: made.createdAt,
        expiresAt: made.expiresAt,
        version: 1,
      },
    ],
    next: null,
  })
  t.equal((await ann.get('/me')).body.openInvitations, 1)
})

t.test('the bell of an unverified address, of none and of another one is silent', async (t) => {
  const { alice, path } = await withOrg(muster)
  await alice.post(`${path}/invitations`, { email: 'ben@example.com' })
  for (const claims of [
    { email_verified: false },
    { email_verified: 'true' },
    { email_verified: undefined },
    { email: undefined },
    { email: 'ben@example.org' },
    { email: 'ben@example.com.evil.example' },
  ]) {
    const ben = muster.user('ben', claims)
    t.same((await ben.get('/invitations')).body, { data: [], next: null })
    t.equal((await ben.get('/me')).body.openInvitations, 0)
  }
  t.equal((await muster.user('ben').get('/invitations')).body.data.length, 1)
})

t.test('the address of a token is the same in any spelling', async (t) => {
  const { alice, path } = await withOrg(muster)
  await alice.post(`${path}/invitations`, { email: 'cleo@bücher.example' })
  for (const email of ['CLEO@xn--bcher-kva.example', 'Cleo@BÜCHER.example'])
    t.equal((await muster.user('cleo', { email }).get('/invitations')).body.data.length, 1)
})

t.test('the bell rings only for what could be accepted', async (t) => {
  const { alice, path } = await withOrg(muster)
  const dan = muster.user('dan')
  const ring = async () => [
    (await dan.get('/invitations')).body.data.length,
    (await dan.get('/me')).body.openInvitations,
  ]
  const invite = async () =>
    (await alice.post(`${path}/invitations`, { email: 'dan@example.com', notify: false })).body
  const { id: revoked } = await invite()
  t.same(await ring(), [1, 1])
  await alice.post(`${path}/invitations/${revoked}/revoke`)
  t.same(await ring(), [0, 0])
  const { id: lapsed } = await invite()
  await muster.db.pool.query('update invitations set expires_at = now() where id = $1', [lapsed])
  t.same(await ring(), [0, 0])
  const { code: declined } = await invite()
  await dan.post(`/invitations/${declined}/decline`, {})
  t.same(await ring(), [0, 0])
  const { code: accepted } = await invite()
  await dan.post(`/invitations/${accepted}/accept`)
  t.same(await ring(), [0, 0])
})

t.test('the bell is silent for somebody who joined in another way meanwhile', async (t) => {
  const { alice, path } = await withOrg(muster)
  const eva = muster.user('eva')
  await alice.post(`${path}/invitations`, { email: 'eva@example.com' })
  const { body } = await alice.post(`${path}/invitations`, {})
  await eva.post(`/invitations/${body.code}/accept`)
  t.same((await eva.get('/invitations')).body.data, [])
})

t.test('the bell does not offer the Admin role of somebody who is no Admin any more', async (t) => {
  const { alice, path } = await withOrg(muster)
  const gus = muster.user('gus')
  const former = await joinAs(muster, path, 'former', 'admin')
  const { body } = await former.post(`${path}/invitations`, { email: 'gus@example.com', role: 'admin' })
  t.same(ids((await gus.get('/invitations')).body), [body.id])
  await alice.patch(`${path}/members/former`, { role: 'member' })
  t.same((await gus.get('/invitations')).body.data, [])
  t.equal((await gus.get('/me')).body.openInvitations, 0)
})

t.test('the bell lists over all organisations, newest first, a page at a time', async (t) => {
  const made: string[] = []
  for (const name of ['Acme', 'Globex', 'Initech']) {
    const { alice, path } = await withOrg(muster, name)
    made.unshift((await alice.post(`${path}/invitations`, { email: 'hal@example.com' })).body.id)
  }
  const hal = muster.user('hal')
  const first = await hal.get('/invitations?limit=2')
  const second = await hal.get(`/invitations?limit=2&cursor=${first.body.next}`)
  t.same([ids(first.body), ids(second.body)], [made.slice(0, 2), made.slice(2)])
  t.equal(second.body.next, null)
  t.equal((await hal.get('/me')).body.openInvitations, 3)
  t.match(await muster.user('ida').get(`/invitations?cursor=${first.body.next}`), {
    status: 400,
    body: { code: 'invalid_cursor' },
  })
})

t.test('the bell is for people: a service and a stranger have none', async (t) => {
  t.match(await muster.service('muster:write').get('/invitations'), {
    status: 403,
    body: { code: 'forbidden' },
  })
  t.match(await muster.stranger.get('/invitations'), { status: 401, body: { code: 'unauthenticated' } })
  t.equal((await muster.user('bob').get('/invitations?status=pending')).status, 400)
})
