import t from 'tap'
import { startMuster, withInvitation } from '../../support/muster.ts'

const muster = await startMuster(t)

const invitation = (draft: object) => withInvitation(muster, draft)

t.test('an invitation for an address is for whoever verified exactly that address', async (t) => {
  const { code, path } = await invitation({ email: 'bob@bücher.example' })
  for (const [refusal, claims] of [
    ['email_mismatch', { email: 'bob@example.com' }],
    ['email_mismatch', { email: 'bob@sub.bücher.example' }],
    ['email_mismatch', { email: 'mallory@example.com', email_verified: false }],
    ['email_unverified', { email: 'bob@bücher.example', email_verified: false }],
    ['email_unverified', { email: 'bob@bücher.example', email_verified: 'true' }],
    ['email_unverified', { email: 'bob@bücher.example', email_verified: 1 }],
    ['email_unverified', { email: undefined }],
  ] as const)
    t.match(
      await muster.user('bob', claims).post(`/invitations/${code}/accept`),
      { status: 403, body: { code: refusal } },
      JSON.stringify(claims),
    )
  t.equal((await muster.user('bob').get(path)).status, 404)
  const bob = muster.user('bob', { email: 'BOB@xn--bcher-kva.Example' })
  t.equal((await bob.post(`/invitations/${code}/accept`)).status, 201)
})

t.test('an open code for domains lets in verified addresses of exactly these', async (t) => {
  const { code } = await invitation({ maxUses: 9, allowedEmailDomains: ['acme.example', 'bücher.example'] })
  for (const email of [
    'eve@sub.acme.example',
    'eve@evilacme.example',
    'eve@acme.example.evil.example',
    'eve@example',
    'acme.example@evil.example',
  ])
    t.match(
      await muster.user('eve', { email }).post(`/invitations/${code}/accept`),
      { status: 403, body: { code: /^email_(domain_not_allowed|unverified)$/ } },
      email,
    )
  t.match(await muster.user('eve').post(`/invitations/${code}/accept`), {
    status: 403,
    body: { code: 'email_domain_not_allowed' },
  })
  for (const claims of [{ email: 'ann@acme.example', email_verified: false }, { email: undefined }])
    t.match(await muster.user('ann', claims).post(`/invitations/${code}/accept`), {
      status: 403,
      body: { code: 'email_unverified' },
    })
  for (const [id, email] of Object.entries({ ann: 'Ann@ACME.example', ben: 'ben@BÜCHER.example' }))
    t.equal((await muster.user(id, { email }).post(`/invitations/${code}/accept`)).status, 201, email)
})

t.test('who is a member in another way is told so, and the invitation is not used', async (t) => {
  const { alice, path, code, one } = await invitation({ email: 'bob@example.com', role: 'admin' })
  const { body: open } = await alice.post(`${path}/invitations`, {})
  const bob = muster.user('bob')
  await bob.post(`/invitations/${open.code}/accept`)
  t.match(await bob.post(`/invitations/${code}/accept`), { status: 409, body: { code: 'already_member' } })
  t.match((await alice.get(one)).body, { status: 'pending', uses: 0 })
  t.equal((await alice.get(`${path}/members/bob`)).body.role, 'member')
  t.match(await alice.post(`/invitations/${open.code}/accept`), {
    status: 410,
    body: { code: 'invitation_used' },
  })
})

t.test(
  'a removed member cannot come back with what they used before, not even with its next code',
  async (t) => {
    for (const draft of [{ maxUses: 5 }, { email: 'bob@example.com' }]) {
      const { alice, path, code, one } = await invitation(draft)
      const bob = muster.user('bob')
      await bob.post(`/invitations/${code}/accept`)
      await alice.delete(`${path}/members/bob`)
      t.match(await bob.post(`/invitations/${code}/accept`), {
        status: 410,
        body: { code: 'invitation_used' },
      })
      if (!('maxUses' in draft)) continue
      const { body } = await alice.post(`${one}/resend`)
      t.match(await bob.post(`/invitations/${body.code}/accept`), {
        status: 410,
        body: { code: 'invitation_used' },
      })
      t.equal((await bob.get(path)).status, 404)
      t.equal((await muster.user('carol').post(`/invitations/${body.code}/accept`)).status, 201)
    }
  },
)

t.test('a service, a stranger and a wrong code join nothing', async (t) => {
  const { code } = await invitation({})
  const accept = `/invitations/${code}/accept`
  t.match(await muster.service('muster:write').post(accept), { status: 403, body: { code: 'forbidden' } })
  t.match(await muster.stranger.post(accept), { status: 401, body: { code: 'unauthenticated' } })
  for (const key of ['7K3M-Q2ZV-8RTN-4XWD-H5PA-9CJE', 'x', '01980f3a-8f10-7c11-8a55-1f2e3d4c5b6a'])
    t.match(await muster.user('bob').post(`/invitations/${key}/accept`), {
      status: 404,
      body: { code: 'invitation_not_found' },
    })
  t.equal((await muster.user('bob').post(accept)).status, 201)
})
