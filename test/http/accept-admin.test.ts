import t from 'tap'
import { type Caller, joinAs, startMuster, withOrg } from '../support/muster.ts'

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
