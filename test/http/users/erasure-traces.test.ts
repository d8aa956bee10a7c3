import { Client } from 'pg'
import t, { type Test } from 'tap'
import { until } from '../../jobs/scene.ts'
import { joinAs, startMuster, withOrg } from '../../support/muster.ts'
import { dumpOf } from '../../support/secrets.ts'

// What time has taken away, what others do meanwhile, and what somebody wrote: none of it keeps a person here.

const muster = await startMuster(t)
const backend = muster.service('muster:write')

t.test('an invitation that comes while somebody is erased is revoked as well', async (t) => {
  const [one, other] = [await withOrg(muster), await withOrg(muster)]
  await joinAs(muster, one.path, 'race')
  const holder = await connect(t)
  await holder.query('begin')
  await holder.query("select from members where user_id = 'race' for update")
  const erasing = backend.delete('/users/race')
  await until('the erasure waits', async () => {
    const { rows } = await muster.db.pool.query(
      "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    )
    return rows.length > 0
  })
  const { body: invited } = await other.alice.post(`${other.path}/invitations`, {
    email: 'race@example.com',
    notify: false,
  })
  await holder.query('rollback')
  t.equal((await erasing).status, 200)
  t.match((await other.alice.get(`${other.path}/invitations/${invited.id}`)).body, {
    status: 'revoked',
    email: /@erased\.invalid$/,
  })
  const { data } = (await other.alice.get(`${other.path}/events`)).body
  t.match(data[0], { type: 'invitation.revoked', subject: { id: invited.id } })
  t.equal(
    (await other.alice.post(`${other.path}/invitations`, { email: 'race@example.com', notify: false }))
      .status,
    201,
  )
})

t.test('the name of an organisation of theirs goes, also when its beginning was purged', async (t) => {
  const zoe = muster.user('zoe', { name: 'Zoe Quux' })
  const [own] = (await zoe.put('/me')).body.orgs
  await zoe.patch(`/orgs/${own.id}`, { slug: 'a-slug' })
  await backend.put(`/orgs/${own.id}/members/heir`, { role: 'admin' })
  await muster.db.pool.query('delete from events where org_id = $1 and sequence <= 2', [own.id])
  t.match(await written(t), /Zoe Quux/)
  t.equal((await backend.delete('/users/zoe')).status, 200)
  t.notMatch(await written(t), /Zoe Quux/)
})

t.test('who declined is known, also when that was purged and they have another address', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { email: 'nora-old@example.com', notify: false })
  const nora = muster.user('nora', { email: 'nora-old@example.com' })
  await nora.post(`/invitations/${body.code}/decline`, { reason: 'Nora has no time' })
  await muster.db.pool.query("delete from events where type = 'invitation.declined'")
  await backend.put('/users/nora', { email: 'nora-new@example.com', emailVerified: true })
  for (const { id } of (await backend.get('/users/nora')).body.orgs)
    await backend.put(`/orgs/${id}/members/heir`, { role: 'admin' })
  t.match(await written(t), /nora-old/)
  t.match((await backend.get('/users/nora/export')).body.invitationsReceived, [
    { declineReason: 'Nora has no time' },
  ])
  t.equal((await backend.delete('/users/nora')).status, 200)
  t.notMatch(await written(t), /nora/i)
})

t.test('what they wrote to those whom they invited goes', async (t) => {
  const { alice, path } = await withOrg(muster)
  const ruth = await joinAs(muster, path, 'ruth', 'admin')
  const { body } = await ruth.post(`${path}/invitations`, { email: 'dan@example.com', message: 'Ruth here!' })
  t.equal((await backend.delete('/users/ruth')).status, 200)
  t.notMatch(await written(t), /ruth/i)
  t.match((await alice.get(`${path}/invitations/${body.id}`)).body, {
    email: 'dan@example.com',
    message: null,
    status: 'pending',
  })
})

async function written(t: Test): Promise<string> {
  return dumpOf(await connect(t))
}

async function connect(t: Test): Promise<Client> {
  const client = new Client({ connectionString: muster.databaseUrl })
  await client.connect()
  t.teardown(() => client.end())
  return client
}
