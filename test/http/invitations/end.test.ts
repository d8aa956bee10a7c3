import t, { type Test } from 'tap'
import { type Caller, startMuster, withOrg } from '../../support/muster.ts'

const muster = await startMuster(t)
const A_DAY = 86_400_000

t.test('nobody joins by a revoked invitation, from the answer on', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { email: 'bob@example.com', notify: false })
  const revoked = await alice.post(`${path}/invitations/${body.id}/revoke`)
  t.match(revoked, { status: 200, body: { id: body.id, status: 'revoked', version: 2 } })
  t.type(revoked.body.revokedAt, 'string')
  await refusesEverybody(t, body.code, 'invitation_revoked')
})

t.test('an invitation that is revoked already stays as it is', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, {})
  const first = await alice.post(`${path}/invitations/${body.id}/revoke`)
  const again = await alice.post(`${path}/invitations/${body.id}/revoke`)
  t.equal(again.status, 200)
  t.same(again.body, first.body)
})

t.test('a lapsed invitation can be revoked', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, {})
  await lapse(body.id)
  t.match(await alice.post(`${path}/invitations/${body.id}/revoke`), {
    status: 200,
    body: { status: 'revoked' },
  })
})

t.test('an open code that some have used is revoked for the rest; the members stay', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { maxUses: 3 })
  await muster.user('bob').post(`/invitations/${body.code}/accept`)
  t.match((await alice.post(`${path}/invitations/${body.id}/revoke`)).body, { status: 'revoked', uses: 1 })
  t.equal(
    (await muster.user('carol').post(`/invitations/${body.code}/accept`)).body.code,
    'invitation_revoked',
  )
  t.equal((await alice.get(`${path}/members/bob`)).status, 200)
})

t.test('what was accepted or declined is neither revoked nor sent again', async (t) => {
  const { alice, path } = await withOrg(muster)
  for (const [id, answer] of [
    ['bob', 'accept'],
    ['carol', 'decline'],
  ] as const) {
    const { body } = await alice.post(`${path}/invitations`, { email: `${id}@example.com`, notify: false })
    await muster.user(id).post(`/invitations/${body.code}/${answer}`, answer === 'decline' ? {} : undefined)
    const before = (await alice.get(`${path}/invitations/${body.id}`)).body
    for (const verb of ['revoke', 'resend'])
      t.match(await alice.post(`${path}/invitations/${body.id}/${verb}`), {
        status: 409,
        body: { code: 'invitation_not_pending' },
      })
    t.same((await alice.get(`${path}/invitations/${body.id}`)).body, before)
  }
})

t.test('a revoked invitation is not sent again', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, {})
  await alice.post(`${path}/invitations/${body.id}/revoke`)
  t.match(await alice.post(`${path}/invitations/${body.id}/resend`), {
    status: 409,
    body: { code: 'invitation_not_pending' },
  })
})

t.test('sent again, an invitation has a new code and a new term, and the old code is dead', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body: old } = await alice.post(`${path}/invitations`, {
    email: 'bob@example.com',
    notify: false,
    expiresInDays: 5,
  })
  await muster.db.pool.query(
    "update invitations set expires_at = now() + interval '1 minute' where id = $1",
    [old.id],
  )
  const { status, body } = await alice.post(`${path}/invitations/${old.id}/resend`)
  t.equal(status, 200)
  t.match(body, { id: old.id, email: 'bob@example.com', status: 'pending', delivery: 'none', version: 2 })
  t.not(body.code, old.code)
  t.equal(body.acceptUrl, `https://app.example.com/join#code=${body.code}`)
  t.ok(Math.abs(Date.parse(body.expiresAt) - Date.now() - 5 * A_DAY) < 60_000)

  t.equal((await muster.stranger.get(`/invitations/${old.code}`)).body.code, 'invitation_not_found')
  t.equal(
    (await muster.user('bob').post(`/invitations/${old.code}/accept`)).body.code,
    'invitation_not_found',
  )
  t.equal((await muster.user('bob').post(`/invitations/${body.code}/accept`)).status, 201)
})

t.test('what went by mail goes by mail again: the secret is not in the answer', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { email: 'bob@example.com' })
  const again = await alice.post(`${path}/invitations/${body.id}/resend`)
  t.match(again, { status: 200, body: { delivery: 'queued', status: 'pending' } })
  t.notOk('code' in again.body || 'acceptUrl' in again.body)
  const { rows } = await muster.db.pool.query(
    'select count(*)::int as mails from sendings where invitation_id = $1 and email is not null',
    [body.id],
  )
  t.same(rows, [{ mails: 2 }])
})

t.test('an open code that is sent again keeps its uses', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { maxUses: 2 })
  await muster.user('bob').post(`/invitations/${body.code}/accept`)
  const again = await alice.post(`${path}/invitations/${body.id}/resend`)
  t.match(again.body, { uses: 1, maxUses: 2, status: 'pending' })
  t.equal((await muster.user('carol').post(`/invitations/${again.body.code}/accept`)).status, 201)
  t.equal(
    (await muster.user('dave').post(`/invitations/${again.body.code}/accept`)).body.code,
    'invitation_used',
  )
})

t.test('an invitation is over when its time is, by the clock of the database', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { email: 'bob@example.com', notify: false })
  await lapse(body.id)
  await refusesEverybody(t, body.code, 'invitation_expired')
  t.equal((await muster.user('bob').post(`/invitations/${body.id}/accept`)).body.code, 'invitation_expired')
})

t.test('an expired invitation comes back to life when it is sent again', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { email: 'bob@example.com', notify: false })
  await lapse(body.id)
  const again = await alice.post(`${path}/invitations/${body.id}/resend`)
  t.match(again, { status: 200, body: { status: 'pending' } })
  t.equal(
    (await muster.user('bob').post(`/invitations/${body.code}/accept`)).body.code,
    'invitation_not_found',
  )
  t.equal((await muster.user('bob').post(`/invitations/${again.body.code}/accept`)).status, 201)
})

t.test('an expired invitation whose place was taken by a new one stays expired', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body: old } = await alice.post(`${path}/invitations`, { email: 'bob@example.com', notify: false })
  await lapse(old.id)
  const { body: fresh } = await alice.post(`${path}/invitations`, { email: 'bob@example.com', notify: false })
  t.match(await alice.post(`${path}/invitations/${old.id}/resend`), {
    status: 409,
    body: { code: 'already_invited' },
  })
  t.equal((await alice.get(`${path}/invitations/${old.id}`)).body.status, 'expired')
  t.equal((await muster.user('bob').post(`/invitations/${old.code}/accept`)).body.code, 'invitation_expired')
  t.equal((await muster.user('bob').post(`/invitations/${fresh.code}/accept`)).status, 201)
})

t.test('with its organisation an invitation goes, and with it comes back', async (t) => {
  const { alice, org, path } = await withOrg(muster)
  const frank = muster.user('frank')
  const { body: addressed } = await alice.post(`${path}/invitations`, {
    email: 'frank@example.com',
    notify: false,
  })
  const { body: open } = await alice.post(`${path}/invitations`, { maxUses: 2 })
  await alice.delete(`${path}?confirm=Acme`)
  for (const key of [addressed.code, addressed.id, open.code])
    await refusesEverybody(t, key, 'invitation_not_found', frank)
  t.same((await frank.get('/invitations')).body.data, [])
  t.equal((await frank.get('/me')).body.openInvitations, 0)

  await muster.service('muster:write').post(`${path}/restore`)
  t.match((await frank.get('/invitations')).body.data, [{ id: addressed.id, org: { id: org.id } }])
  t.equal((await frank.post(`/invitations/${addressed.code}/accept`)).status, 201)
  t.equal((await muster.user('grace').post(`/invitations/${open.code}/accept`)).status, 201)
})

/** Preview, acceptance and, where there is something to decline, declining. */
async function refusesEverybody(
  t: Test,
  key: string,
  code: string,
  bob: Caller = muster.user('bob'),
): Promise<void> {
  const status = code === 'invitation_not_found' ? 404 : 410
  t.match(await bob.get(`/invitations/${key}`), { status, body: { code } })
  t.match(await bob.post(`/invitations/${key}/accept`), { status, body: { code } })
  t.match(await bob.post(`/invitations/${key}/decline`, {}), { status, body: { code } })
}

async function lapse(id: string): Promise<void> {
  await muster.db.pool.query("update invitations set expires_at = now() - interval '1 ms' where id = $1", [
    id,
  ])
}

t.test('an invitation is not sent again to who is a member by now', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { email: 'bob@example.com' })
  const { body: open } = await alice.post(`${path}/invitations`, {})
  t.equal((await muster.user('bob').post(`/invitations/${open.code}/accept`)).status, 201)
  t.match(await alice.post(`${path}/invitations/${body.id}/resend`), {
    status: 409,
    body: { code: 'already_member' },
  })
})
