import t from 'tap'
import { type Muster, startMuster, withOrg } from '../support/muster.ts'

// The database itself fails in the middle: everything before it in the transaction has to be gone.

t.test('a change and the answer kept under its Idempotency-Key are one transaction', async (t) => {
  const muster = await startMuster(t)
  const { alice, org, path } = await withOrg(muster)
  await refuse(muster, 'idempotency_keys', 'true')

  const key = { 'idempotency-key': 'one' }
  t.equal((await alice.post('/orgs', { name: 'Second' }, key)).status, 500)
  t.equal((await alice.post(`${path}/invitations`, { email: 'bob@example.com' }, key)).status, 500)

  t.match((await alice.get('/orgs')).body.data, [{ id: org.id }])
  t.equal((await alice.get('/orgs')).body.data.length, 1)
  t.same((await alice.get(`${path}/invitations`)).body.data, [])
})

t.test('a batch of invitations is one transaction, in which a refused one undoes itself alone', async (t) => {
  const muster = await startMuster(t)
  const { alice, path } = await withOrg(muster)
  const batch = (...names: string[]) =>
    alice.post(`${path}/invitations/batch`, {
      invitations: names.map((name) => ({ email: `${name}@example.com` })),
    })
  const invited = async () =>
    (await alice.get(`${path}/invitations`)).body.data.map(({ email }: { email: string }) => email)

  await refuse(muster, 'invitations', "new.email = 'dana@example.com'")
  t.equal((await batch('bob', 'carol', 'dana')).status, 500)
  t.same(await invited(), [])

  const { body } = await batch('bob', 'alice', 'carol')
  t.match(body.results, [
    { status: 201 },
    { status: 409, problem: { code: 'already_member' } },
    { status: 201 },
  ])
  t.same(await invited(), ['carol@example.com', 'bob@example.com'])
})

async function refuse({ db }: Muster, table: string, condition: string): Promise<void> {
  await db.pool.query(`
    create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
    create trigger refuse before insert on ${table} for each row when (${condition}) execute function refuse()`)
}
