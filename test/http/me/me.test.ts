import t from 'tap'
import { dump } from '../../support/dump.ts'
import { joinAs, startMuster, withOrg } from '../../support/muster.ts'

const muster = await startMuster(t)

t.test('who signs in for the first time gets an organisation of their own, and is its Admin', async (t) => {
  const una = muster.user('una')

  const first = await una.put('/me')
  t.equal(first.status, 201)
  t.equal(first.headers.get('location'), '/me')
  t.match(first.body.user, { id: 'una', email: 'una@example.com', emailVerified: true, name: 'Una' })
  t.match(first.body.orgs, [{ name: "Una's organisation", slug: null, logoUrl: null, role: 'admin' }])
  t.equal(first.body.moreOrgs, false)
  t.equal(first.body.openInvitations, 0)

  const again = await una.put('/me')
  t.equal(again.status, 200)
  t.same(again.body, first.body)
})

t.test('ten first sign-ins at the same time make one organisation', async (t) => {
  const ulf = muster.user('ulf')
  const replies = await Promise.all(Array.from({ length: 10 }, () => ulf.put('/me')))
  t.equal(replies.filter(({ status }) => status === 201).length, 1)
  t.equal(replies.filter(({ status }) => status === 200).length, 9)
  t.equal((await ulf.get('/orgs')).body.data.length, 1)
})

t.test('PERSONAL_ORG=never: the first sign-in is a 201 without an organisation', async (t) => {
  const never = await startMuster(t, { PERSONAL_ORG: 'never' })
  const alice = never.user('alice')
  const first = await alice.put('/me')
  t.equal(first.status, 201)
  t.same(first.body.orgs, [])
  t.equal((await alice.put('/me')).status, 200)
  t.same((await alice.get('/orgs')).body.data, [])
})

t.test('who joined by an invitation before still signs in for the first time', async (t) => {
  const { path, org } = await withOrg(muster)
  const bob = await joinAs(muster, path, 'bob')
  const first = await bob.put('/me')
  t.equal(first.status, 201)
  t.match(first.body.orgs, [
    { id: org.id, role: 'member' },
    { name: "Bob's organisation", role: 'admin' },
  ])
})

t.test('the organisation is named after the name, else the address, else nobody', async (t) => {
  const nameOf = async (id: string, claims: object) =>
    (await muster.user(id, { ...claims }).put('/me')).body.orgs[0].name
  t.equal(await nameOf('n1', { name: 'Zoë Ångström' }), "Zoë Ångström's organisation")
  t.equal(await nameOf('n2', { name: undefined }), "n2's organisation")
  t.equal(await nameOf('n3', { name: undefined, email: undefined }), 'My organisation')
  t.equal(await nameOf('n4', { name: '🦀'.repeat(200) }), `${'🦀'.repeat(80)}'s organisation`)
})

t.test('a token that leaves a claim out takes nothing back', async (t) => {
  const known = { id: 'vera', email: 'vera@example.com', emailVerified: true, name: 'Vera' }
  await muster.user('vera').put('/me')
  const bare = muster.user('vera', { name: undefined, email: undefined, email_verified: undefined })
  t.match(await bare.put('/me'), { status: 200, body: { user: known } })
  t.same((await bare.get('/me')).body.user, known)

  const moved = muster.user('vera', { name: undefined, email: 'v@example.com', email_verified: false })
  t.same((await moved.put('/me')).body.user, { ...known, email: 'v@example.com', emailVerified: false })
})

t.test('GET /me answers the same as PUT /me', async (t) => {
  const uri = muster.user('uri')
  const { body } = await uri.put('/me')
  const read = await uri.get('/me')
  t.equal(read.status, 200)
  t.same(read.body, body)
})

t.test('GET /me of somebody unknown shows the profile of the token, and keeps nothing', async (t) => {
  const before = await dump(muster.db)
  const { status, body } = await muster.user('ghost').get('/me')
  t.equal(status, 200)
  t.same(body, {
    user: { id: 'ghost', email: 'ghost@example.com', emailVerified: true, name: 'Ghost' },
    orgs: [],
    moreOrgs: false,
    openInvitations: 0,
  })
  t.same(await dump(muster.db), before)
})

t.test('a new name and address in the token are kept by PUT /me, and not by GET /me', async (t) => {
  await muster.user('vera').put('/me')
  const married = muster.user('vera', { name: 'Vera Lynn', email: 'Vera.Lynn@EXAMPLE.org' })

  const before = await dump(muster.db)
  t.match((await married.get('/me')).body.user, { email: 'vera@example.com', name: 'Vera' })
  t.same(await dump(muster.db), before)

  const kept = await married.put('/me')
  t.equal(kept.status, 200)
  t.match(kept.body.user, { email: 'vera.lynn@example.org', name: 'Vera Lynn' })
  t.match((await muster.user('vera').get('/me')).body.user, { name: 'Vera Lynn' })
})

t.test('a new name is a new name in every organisation of the person', async (t) => {
  const { alice, path } = await withOrg(muster)
  await joinAs(muster, path, 'walt')
  await muster.user('walt', { name: 'Walter' }).put('/me')
  t.equal((await alice.get(`${path}/members/walt`)).body.name, 'Walter')
})

t.test('somebody in many organisations sees each with the role there', async (t) => {
  const yara = muster.user('yara')
  await yara.put('/me')
  const first = await withOrg(muster, 'First')
  const second = await withOrg(muster, 'Second')
  await joinAs(muster, first.path, 'yara', 'accounting')
  await joinAs(muster, second.path, 'yara')
  await first.alice.patch(first.path, { slug: 'first', logoUrl: 'https://cdn.example.com/first.svg' })
  const { body } = await yara.get('/me')
  t.same(
    body.orgs.map(({ name, role }: { name: string; role: string }) => [name, role]),
    [
      ["Yara's organisation", 'admin'],
      ['First', 'accounting'],
      ['Second', 'member'],
    ],
  )
  t.match(body.orgs[1], { id: first.org.id, slug: 'first', logoUrl: 'https://cdn.example.com/first.svg' })
})

t.test('the overview holds a hundred organisations, and says that there are more', async (t) => {
  const rich = muster.user('rich')
  const found = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, n) => rich.post('/orgs', { name: `Org ${n}` })))
  await found(100)
  const exact = (await rich.get('/me')).body
  t.equal(exact.orgs.length, 100)
  t.equal(exact.moreOrgs, false)
  await found(1)
  const more = (await rich.get('/me')).body
  t.equal(more.orgs.length, 100)
  t.equal(more.moreOrgs, true)
})

t.test('the bell counts open invitations for a verified address', async (t) => {
  const one = await withOrg(muster)
  const two = await withOrg(muster)
  const { body: asked } = await one.alice.post(`${one.path}/invitations`, { email: 'Nora@Example.com' })
  await two.alice.post(`${two.path}/invitations`, { email: 'nora@example.com' })
  await two.alice.post(`${two.path}/invitations`, { email: 'nils@example.com' })

  const bell = async () => (await muster.user('nora').get('/me')).body.openInvitations
  t.equal(await bell(), 2)
  t.equal((await muster.user('nora').put('/me')).body.openInvitations, 2)
  await muster.user('nora').post(`/invitations/${asked.id}/decline`)
  t.equal(await bell(), 1)
  await two.alice.delete(`${two.path}?confirm=Acme`)
  t.equal(await bell(), 0)
})

t.test('the bell of an unverified address stays silent', async (t) => {
  const { alice, path } = await withOrg(muster)
  await alice.post(`${path}/invitations`, { email: 'ute@example.com' })
  for (const email_verified of [false, 'true', 1, null, undefined]) {
    const ute = muster.user('ute', { email_verified })
    t.match((await ute.get('/me')).body, { user: { emailVerified: false }, openInvitations: 0 })
    t.equal((await ute.put('/me')).body.openInvitations, 0)
  }
  t.equal((await muster.user('ute').get('/me')).body.openInvitations, 1)
})

t.test('a person without name and address is a person', async (t) => {
  const { status, body } = await muster
    .user('auth0|64f1/ü', { name: undefined, email: undefined, email_verified: undefined })
    .put('/me')
  t.equal(status, 201)
  t.same(body.user, { id: 'auth0|64f1/ü', email: null, emailVerified: false, name: null })
})

t.test('a service is nobody in particular', async (t) => {
  for (const scope of ['muster:check', 'muster:read', 'muster:write'])
    for (const { status, body } of [
      await muster.service(scope).put('/me'),
      await muster.service(scope).get('/me'),
    ]) {
      t.equal(status, 403)
      t.equal(body.code, 'forbidden')
    }
})
