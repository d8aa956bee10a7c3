import { randomUUID } from 'node:crypto'
import t from 'tap'
import { dump } from '../support/dump.ts'
import { startMuster, withOrg } from '../support/muster.ts'

const muster = await startMuster(t)
const { pool } = muster.db
const key = () => ({ 'idempotency-key': randomUUID() })

// PostgreSQL warns of a `begin` in a transaction, and of a `commit` without one.
const warnings: string[] = []
pool.on('connect', (client) => client.on('notice', ({ message }) => warnings.push(message ?? '')))
t.beforeEach(() => warnings.splice(0))

t.test('a change whose answer cannot be kept is not made', async (t) => {
  const noa = muster.user('noa')
  const headers = key()
  const before = await dump(muster.db)
  await pool.query('alter table idempotency_keys add constraint disk_is_full check (false) not valid')
  t.match(await noa.post('/orgs', { name: 'Noa' }, headers), {
    status: 500,
    body: { code: 'internal_error' },
  })
  await pool.query('alter table idempotency_keys drop constraint disk_is_full')
  t.same(await dump(muster.db), before)
  t.equal((await noa.post('/orgs', { name: 'Noa' }, headers)).status, 201)
  t.equal((await noa.get('/orgs')).body.data.length, 1)
  t.same(warnings, [])
})

for (const [how, headers] of Object.entries({ alone: () => ({}), 'under a key': key })) {
  t.test(`of a batch ${how} that breaks off in the middle nothing is made`, async (t) => {
    const { alice, path } = await withOrg(muster)
    const before = await dump(muster.db)
    await pool.query(
      "alter table invitations add constraint breaks check (email <> 'm@example.com') not valid",
    )
    const invitations = ['a', 'm', 'z'].map((name) => ({ email: `${name}@example.com` }))
    const { status } = await alice.post(`${path}/invitations/batch`, { invitations }, headers())
    await pool.query('alter table invitations drop constraint breaks')
    t.equal(status, 500)
    t.same(await dump(muster.db), before)
    t.same(warnings, [])
  })

  t.test(`of a batch ${how} the refused leave no trace, and the others are made`, async (t) => {
    const { alice, path } = await withOrg(muster)
    await alice.post(`${path}/invitations`, { email: 'm@example.com' })
    const invitations = ['a', 'm', 'z'].map((name) => ({ email: `${name}@example.com` }))
    const { body } = await alice.post(`${path}/invitations/batch`, { invitations }, headers())
    t.match(body.results, [{ status: 201 }, { status: 409 }, { status: 201 }])
    t.equal((await alice.get(`${path}/invitations`)).body.data.length, 3)
    t.same(warnings, [])
  })
}

t.test('a refused call under a key rolls back what it is part of', async (t) => {
  const { alice, path } = await withOrg(muster)
  await alice.patch(path, { slug: 'mine' })
  const before = await dump(muster.db)
  t.equal((await alice.post('/orgs', { name: 'B', slug: 'mine' }, key())).status, 409)
  t.equal((await alice.post(`${path}/leave`, { confirm: 'Acme' }, key())).status, 409)
  t.same(await dump(muster.db), before)
  t.same(warnings, [])
})
