import { Client } from 'pg'
import t, { type Test } from 'tap'
import { dump } from '../../support/dump.ts'
import { joinAs, startMuster, withOrg } from '../../support/muster.ts'
import { dumpOf } from '../../support/secrets.ts'

const muster = await startMuster(t)
const backend = muster.service('muster:write')
const NEVER_HEARD = /zoe|quux/i

t.test('nothing of an erased person is left in any table', async (t) => {
  const database = await openDatabase(t)
  const claims = { email: 'Zoe.Quux@example.com', name: 'Zoe Quux' }
  const zoe = muster.user('idp|zoe-1', claims)
  const bob = muster.user('bob')

  // An organisation of her own, which she hands over.
  const own = (await zoe.put('/me')).body.orgs[0]
  const ownPath = `/orgs/${own.id}`
  t.equal(own.name, "Zoe Quux's organisation")
  await joinAs(muster, ownPath, 'bob')
  await zoe.post(`${ownPath}/transfer`, { toUserId: 'bob', then: 'member' })

  // One that she joined by mail, where she invited, gave and was given.
  const { alice, path } = await withOrg(muster)
  const workspace = (await alice.post(`${path}/resources`, { type: 'workspace', name: 'W' })).body
  const invited = await alice.post(`${path}/invitations`, {
    ...{ email: 'zoe.quux@example.com', role: 'admin', notify: false, message: 'Dear Zoe' },
    ...{ metadata: { for: 'Zoe' }, resourceRoles: [{ resourceId: workspace.id, role: 'member' }] },
  })
  t.equal((await zoe.post(`/invitations/${invited.body.code}/accept`)).status, 201)
  const byZoe = (await zoe.post(`${path}/invitations`, { email: 'dan@example.com' })).body
  await joinAs(muster, path, 'carl')
  await zoe.patch(`${path}/members/carl`, { role: 'accounting' })
  await zoe.put(`${path}/resources/${workspace.id}/members/carl`, { role: 'admin' })

  // One that she left, one that waits for her, and one that she declined.
  const [left, waiting, declined] = [await withOrg(muster), await withOrg(muster), await withOrg(muster)]
  for (const org of [left, waiting, declined])
    await org.alice.post(`${org.path}/invitations`, { email: 'zoe.quux@example.com' })
  for (const { id, org } of (await zoe.get('/invitations')).body.data) {
    if (org.id === left.org.id) await zoe.post(`/invitations/${id}/accept`)
    if (org.id === declined.org.id)
      await zoe.post(`/invitations/${id}/decline`, { reason: 'Zoe has no time' })
  }
  await zoe.post(`${left.path}/leave`, { confirm: 'Acme' })

  t.match(await dumpOf(database), NEVER_HEARD)
  const { status, body } = await backend.delete('/users/idp%7Czoe-1')
  t.equal(status, 200)
  t.match(body.pseudonym, /^erased-[0-9a-f-]{36}$/)
  t.notMatch(await dumpOf(database), NEVER_HEARD)

  await t.test('every right has ended, with the answer', async (t) => {
    for (const place of [path, ownPath]) t.equal((await zoe.get(place)).status, 404)
    t.equal((await zoe.post(`/invitations/${invited.body.code}/accept`)).status, 403)
    t.same((await zoe.get('/invitations')).body.data, [])
    t.equal((await backend.delete('/users/idp%7Czoe-1')).body.code, 'user_not_found')
  })

  await t.test('the audit log survives, under one name', async (t) => {
    const { data } = (await alice.get(`${path}/events?limit=100`)).body
    const told = data.filter((event: object) => JSON.stringify(event).includes(body.pseudonym))
    t.same(told.map(({ type }: { type: string }) => type).reverse(), [
      'invitation.accepted',
      'member.added',
      'grant.added',
      'invitation.created',
      'member.role_changed',
      'grant.added',
      'member.removed',
    ])
    t.equal((await alice.get(`${path}/events?actor=${body.pseudonym}&limit=100`)).body.data.length, 6)
    t.equal((await alice.get(`${path}/invitations/${byZoe.id}`)).body.invitedBy.userId, body.pseudonym)
    const { reasons } = (await alice.get(`${path}/members/carl/access`)).body.data[0]
    t.equal(reasons[0].grantedBy.userId, body.pseudonym)
  })

  await t.test(
    'what was named after her is named after nobody, and what she was offered is revoked',
    async (t) => {
      t.equal((await bob.get(ownPath)).body.name, 'My organisation')
      const { data } = (await alice.get(`${waiting.path}/events`)).body
      t.match(data[0], { type: 'invitation.revoked', actor: { type: 'service', userId: 'backend' } })
    },
  )

  await t.test('whoever signs in with that id later is somebody new', async (t) => {
    const { status, body } = await zoe.put('/me')
    t.equal(status, 201)
    t.equal(body.orgs.length, 1)
  })
})

t.test('the only Admin of organisations is told which, and nothing has changed', async (t) => {
  const olga = muster.user('olga')
  const first = (await olga.post('/orgs', { name: 'First' })).body
  const second = (await olga.post('/orgs', { name: 'Second' })).body
  await joinAs(muster, `/orgs/${second.id}`, 'pete', 'admin')
  const before = await dump(muster.db)
  t.match(await backend.delete('/users/olga'), {
    status: 409,
    body: { code: 'last_admin', orgs: [{ id: first.id, name: 'First' }] },
  })
  t.same(await dump(muster.db), before)

  await olga.delete(`/orgs/${first.id}?confirm=First`)
  t.equal((await backend.delete('/users/olga')).status, 200)
  t.equal((await backend.post(`/orgs/${first.id}/restore`)).status, 404, 'nobody would be Admin there')
})

t.test("somebody's unverified claim to an address does not revoke what its owner was offered", async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { email: 'victim@example.com' })
  await muster.user('impostor', { email: 'victim@example.com', email_verified: false }).put('/me')
  const { orgs } = (await muster.user('impostor').get('/me')).body
  await muster.user('impostor').delete(`/orgs/${orgs[0].id}?confirm=${encodeURIComponent(orgs[0].name)}`)
  t.equal((await backend.delete('/users/impostor')).status, 200)
  t.match((await alice.get(`${path}/invitations/${body.id}`)).body, {
    email: 'victim@example.com',
    status: 'pending',
  })
})

t.test('who joins, is granted a role or signs in at that moment is erased, or is somebody new', async (t) => {
  const { alice, path } = await withOrg(muster)
  const workspace = (await alice.post(`${path}/resources`, { type: 'workspace', name: 'W' })).body
  for (let round = 0; round < 25; round++) {
    const id = `fleeting${round}`
    const user = muster.user(id)
    const { body: invitation } = await alice.post(`${path}/invitations`, {
      email: `${id}@example.com`,
      notify: false,
    })
    await backend.put(`${path}/resources/${workspace.id}/members/${id}`, { role: 'member' })
    await alice.delete(`${path}/members/${id}`)
    const replies = await Promise.all([
      backend.delete(`/users/${id}`),
      user.post(`/invitations/${invitation.code}/accept`),
      backend.put(`${path}/resources/${workspace.id}/members/${id}`, { role: 'member' }),
      backend.post('/orgs', { name: id, adminUserId: id }),
      backend.put(`${path}/members/${id}`, { role: 'member', name: 'F' }),
      backend.put(`/users/${id}`, { name: 'F' }),
    ])
    for (const { status, body } of replies) t.ok(status < 500, `${status} ${body.code ?? ''}`)
  }
})

t.test(
  'what Muster named after somebody loses the name, whoever told of them, and whatever they are called now',
  async (t) => {
    const database = await openDatabase(t)
    for (const { id, org, then } of [
      { id: 'hook-deleted', org: 'Xaver', then: 'delete' },
      { id: 'hook-shared', org: 'Xaver', then: 'share' },
      { id: 'hook-renamed', org: 'Xaver', then: 'rename' },
    ]) {
      const { body } = await backend.put(`/users/${id}`, { name: org })
      const path = `/orgs/${body.orgs[0].id}`
      t.equal(body.orgs[0].name, "Xaver's organisation")
      await backend.put(`/users/${id}`, { name: 'Married Otherwise' })
      if (then !== 'delete') await backend.put(`${path}/members/heir`, { role: 'admin' })
      if (then === 'rename') await backend.patch(path, { name: 'Ours' })
      if (then === 'delete')
        await muster.user(id).delete(`${path}?confirm=${encodeURIComponent(body.orgs[0].name)}`)
      t.equal((await backend.delete(`/users/${id}`)).status, 200, then)
      if (then === 'rename')
        t.equal((await backend.get(path)).body.name, 'Ours', 'a name that people gave it stays')
    }
    t.notMatch(await dumpOf(database), /Xaver|Married/)
  },
)

t.test('every address by which they answered is theirs, and invitations to each are revoked', async (t) => {
  const database = await openDatabase(t)
  const { alice, path } = await withOrg(muster)
  for (const address of ['old1@wanda.example', 'old2@wanda.example', 'old3@wanda.example']) {
    const place = await withOrg(muster)
    const { body } = await place.alice.post(`${place.path}/invitations`, { email: address, notify: false })
    const wanda = muster.user('w1', { email: address, name: 'Wanda' })
    const verb = address.startsWith('old3') ? 'decline' : 'accept'
    const reason = verb === 'decline' ? { reason: 'Wanda is busy' } : undefined
    t.match((await wanda.post(`/invitations/${body.code}/${verb}`, reason)).status, /^20[01]$/)
    await alice.post(`${path}/invitations`, { email: address })
  }
  t.equal((await backend.delete('/users/w1')).status, 200)
  t.notMatch(await dumpOf(database), /wanda/i)
  const { data } = (await alice.get(`${path}/invitations`)).body
  t.same(
    data.map(({ status }: { status: string }) => status),
    ['revoked', 'revoked', 'revoked'],
  )
})

t.test('who only ever declined can be erased', async (t) => {
  const database = await openDatabase(t)
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { email: 'nina@example.com', notify: false })
  await muster.user('nina').post(`/invitations/${body.code}/decline`, { reason: 'Nina says no' })
  t.equal((await backend.delete('/users/nina')).status, 200)
  t.notMatch(await dumpOf(database), /nina/i)
})

t.test('tens of thousands of events are no hindrance', async (t) => {
  const { path } = await withOrg(muster)
  await backend.put(`${path}/members/busy`, { role: 'member' })
  await muster.db.pool.query(
    `insert into events (id, org_id, sequence, type, actor_type, actor_id, subject_type, subject_id, data, occurred_at)
     select gen_random_uuid(), $1::uuid, 1000 + n, 'org.updated', 'user', 'busy', 'organization', 'x', '{}', now()
     from generate_series(1, 25000) as n`,
    [path.slice('/orgs/'.length)],
  )
  t.equal((await backend.delete('/users/busy')).status, 200)
  const { rows } = await muster.db.pool.query("select count(*)::int from events where actor_id = 'busy'")
  t.same(rows, [{ count: 0 }])
})

async function openDatabase(t: Test): Promise<Client> {
  const database = new Client({ connectionString: muster.databaseUrl })
  await database.connect()
  t.teardown(() => database.end())
  return database
}
