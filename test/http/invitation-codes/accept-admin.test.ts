import t from 'tap'
import { type Caller, joinAs, startMuster, withOrg } from '../../support/muster.ts'
import { grow } from '../../support/tree.ts'

const muster = await startMuster(t)
const backend = muster.service('muster:write')

/** Dana, an Admin beside Alice, offers Bob the Admin role. */
async function danaInvites(role = 'admin') {
  const place = await withOrg(muster)
  const dana = await joinAs(muster, place.path, 'dana', 'admin')
  const { body } = await dana.post(`${place.path}/invitations`, {
    email: 'bob@example.com',
    role,
    notify: false,
  })
  return { ...place, dana, code: body.code as string, one: `${place.path}/invitations/${body.id}` }
}

const accept = (code: string) => muster.user('bob').post(`/invitations/${code}/accept`)
const demote = (alice: Caller, path: string) => alice.patch(`${path}/members/dana`, { role: 'member' })

t.test('an Admin makes an Admin', async (t) => {
  const { code } = await danaInvites()
  t.match(await accept(code), { status: 201, body: { role: 'admin' } })
})

for (const [story, lose] of Object.entries({
  demoted: ({ alice, path }) => demote(alice, path),
  'made Accounting': ({ alice, path }) => alice.patch(`${path}/members/dana`, { role: 'accounting' }),
  removed: ({ alice, path }) => alice.delete(`${path}/members/dana`),
  'gone by leaving': ({ dana, path }) => dana.post(`${path}/leave`, { confirm: 'Acme' }),
  'gone by handing over': ({ dana, path }) =>
    dana.post(`${path}/transfer`, { toUserId: 'alice', then: 'member' }),
} satisfies Record<string, (of: Awaited<ReturnType<typeof danaInvites>>) => Promise<{ status: number }>>))
  t.test(`nobody becomes Admin by the word of somebody who was ${story}`, async (t) => {
    const place = await danaInvites()
    t.ok((await lose(place)).status < 300)
    t.match(await accept(place.code), { status: 410, body: { code: 'invitation_revoked' } })
    t.match(await muster.stranger.get(`/invitations/${place.code}`), {
      status: 410,
      body: { code: 'invitation_revoked' },
    })
    t.equal((await muster.user('bob').get(place.path)).status, 404)
  })

t.test('an offer of another role stands without its inviter', async (t) => {
  for (const role of ['member', 'accounting']) {
    const { alice, path, code } = await danaInvites(role)
    await alice.delete(`${path}/members/dana`)
    t.match(await accept(code), { status: 201, body: { role } })
  }
})

t.test('an inviter who is Admin again is believed again', async (t) => {
  const { alice, path, code } = await danaInvites()
  await demote(alice, path)
  t.equal((await accept(code)).status, 410)
  await alice.patch(`${path}/members/dana`, { role: 'admin' })
  t.equal((await accept(code)).status, 201)
})

t.test("a service's offer of the Admin role stands", async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await backend.post(`${path}/invitations`, {
    email: 'bob@example.com',
    role: 'admin',
    notify: false,
  })
  const dana = await joinAs(muster, path, 'dana', 'admin')
  await alice.post(`${path}/leave`, { confirm: 'Acme' })
  t.match(await accept(body.code), { status: 201, body: { role: 'admin' } })
  t.equal((await dana.get(`${path}/members/bob`)).status, 200)
})

t.test('an Admin who sends it again vouches for it anew', async (t) => {
  const { alice, path, one } = await danaInvites()
  await demote(alice, path)
  const { body } = await alice.post(`${one}/resend`)
  t.same(body.invitedBy, { type: 'user', userId: 'alice', name: 'Alice' })
  t.match(await accept(body.code), { status: 201, body: { role: 'admin' } })
})

t.test('an Admin who sets its role vouches for it anew, and so does a service', async (t) => {
  for (const caller of [muster.user('alice'), backend]) {
    const { alice, path, one, code } = await danaInvites()
    await demote(alice, path)
    t.equal((await caller.patch(one, { role: 'admin' })).status, 200)
    t.match(await accept(code), { status: 201, body: { role: 'admin' } })
  }
})

t.test('who only changes the term vouches for nothing', async (t) => {
  const { alice, path, one, code } = await danaInvites()
  await demote(alice, path)
  await alice.patch(one, { expiresInDays: 30 })
  t.match(await accept(code), { status: 410, body: { code: 'invitation_revoked' } })
})

t.test('an offer that was lowered after its inviter lost the role can be taken', async (t) => {
  const { alice, path, one, code } = await danaInvites()
  await demote(alice, path)
  await alice.patch(one, { role: 'member' })
  t.match(await accept(code), { status: 201, body: { role: 'member' } })
})

t.test('an offer that would make nobody Admin any more can still be read and declined', async (t) => {
  const { alice, path, one, code } = await danaInvites()
  await demote(alice, path)
  t.equal((await alice.get(one)).body.status, 'pending')
  t.equal((await muster.user('bob').post(`/invitations/${code}/decline`, {})).status, 200)
})

/** Dana offers Bob a role on a resource, and the one of a Member in the organisation. */
async function danaOffers(role = 'admin') {
  const place = await withOrg(muster)
  const dana = await joinAs(muster, place.path, 'dana', 'admin')
  const resourceRoles = [
    { resourceId: await grow(dana, place.path, 'design'), role: 'member' },
    { resourceId: await grow(dana, place.path, 'sales'), role },
  ]
  const { body } = await dana.post(`${place.path}/invitations`, {
    email: 'bob@example.com',
    resourceRoles,
    notify: false,
  })
  return { ...place, code: body.code as string, one: `${place.path}/invitations/${body.id}`, resourceRoles }
}

const ring = async () => (await muster.user('bob').get('/me')).body.openInvitations
const revoked = { status: 410, body: { code: 'invitation_revoked' } }

t.test('nobody becomes Admin of a resource by the word of somebody who is no Admin any more', async (t) => {
  for (const lose of [demote, (alice: Caller, path: string) => alice.delete(`${path}/members/dana`)]) {
    const { alice, path, one, code } = await danaOffers()
    const rang = await ring()
    t.equal((await alice.get(one)).body.status, 'pending')
    await lose(alice, path)
    t.match(await accept(code), revoked)
    t.match(await muster.stranger.get(`/invitations/${code}`), revoked)
    t.equal(await ring(), rang - 1, 'and the bell does not offer it')
    t.notMatch(JSON.stringify((await muster.user('bob').get('/invitations')).body), path.slice(6))
    t.equal((await muster.user('bob').get(path)).status, 404)
  }
})

t.test('an offer of another role on a resource stands without its inviter', async (t) => {
  for (const role of ['member', 'accounting']) {
    const { alice, path, code, resourceRoles } = await danaOffers(role)
    await alice.delete(`${path}/members/dana`)
    const { status, body } = await accept(code)
    t.equal(status, 201)
    t.same(body.resourceRoles, resourceRoles)
  }
})

t.test('whoever sets what is offered, or sends it again, vouches for it and is who gave it', async (t) => {
  for (const vouch of [
    async ({ alice, one, resourceRoles, code }) => {
      t.equal((await alice.patch(one, { resourceRoles })).status, 200)
      return code
    },
    async ({ alice, one, code }) => {
      t.equal((await alice.patch(one, { role: 'accounting' })).status, 200)
      return code
    },
    async ({ alice, one }) => (await alice.post(`${one}/resend`)).body.code,
  ] satisfies ((of: Awaited<ReturnType<typeof danaOffers>>) => Promise<string>)[]) {
    const place = await danaOffers()
    await demote(place.alice, place.path)
    const code = await vouch(place)
    t.match((await place.alice.get(place.one)).body.invitedBy, { type: 'user', userId: 'alice' })
    const { status, body } = await accept(code)
    t.equal(status, 201)
    t.same(body.resourceRoles, place.resourceRoles)
    for (const { resourceId } of place.resourceRoles) {
      const access = await muster.user('bob').get(`${place.path}/members/bob/access?resourceId=${resourceId}`)
      t.match(
        access.body.data[0].reasons.filter(
          ({ source }: { source: { type: string } }) => source.type === 'resource',
        ),
        [{ source: { id: resourceId }, grantedBy: { userId: 'alice' } }],
      )
    }
  }
})

t.test('who only changes the term vouches for no right on a resource', async (t) => {
  const { alice, path, one, code, resourceRoles } = await danaOffers()
  await demote(alice, path)
  await alice.patch(one, { expiresInDays: 30 })
  t.match(await accept(code), revoked)
  await alice.patch(one, { resourceRoles: resourceRoles.slice(0, 1) })
  t.match(await accept(code), { status: 201, body: { role: 'member' } }, 'once it is taken out')
})
