import { Client } from 'pg'
import t, { type Test } from 'tap'
import { dump } from '../../support/dump.ts'
import { joinAs, type Reply, startMuster, withOrg } from '../../support/muster.ts'

// Statements end by themselves after two seconds, and locks are waited for a little less; the limit comes before.
const muster = await startMuster(t, {}, { timeLimit: 1_000 })

const REFUSED = {
  status: 503,
  body: { code: 'unavailable', detail: 'The answer took too long. Nothing was changed. Try again soon.' },
}

t.test('a GET whose statement hangs is refused in time', async (t) => {
  const { alice, path } = await withOrg(muster)
  const reply = await whileLocked(t, 'lock table members', () => alice.get(path))
  isRefused(t, reply)
  t.equal((await alice.get(path)).status, 200, 'and the service lives on')
})

t.test('so is a POST with a JSON body, and nothing is changed later', async (t) => {
  const { alice } = await withOrg(muster)
  const before = await dump(muster.db)
  isRefused(t, await whileLocked(t, 'lock table orgs', () => alice.post('/orgs', { name: 'Late' })))
  await untilQuiet()
  t.same(await dump(muster.db), before)
  t.equal((await alice.post('/orgs', { name: 'Late' })).status, 201)
})

t.test('so is one under a key, and it can be tried again under the same', async (t) => {
  const { alice } = await withOrg(muster)
  const post = () => alice.post('/orgs', { name: 'Late' }, { 'idempotency-key': 'late' })
  isRefused(t, await whileLocked(t, 'lock table orgs', post))
  await untilQuiet()
  const again = await post()
  t.equal(again.status, 201)
  t.equal(again.headers.get('idempotency-replayed'), null)
})

t.test('so is who accepts, and does not join later', async (t) => {
  const { path, org } = await withOrg(muster)
  const bob = muster.user('bob')
  const { body } = await muster
    .service('muster:write')
    .post(`${path}/invitations`, { email: 'bob@example.com', notify: false })
  const accept = () => bob.post(`/invitations/${body.code}/accept`)
  isRefused(t, await whileLocked(t, `select from orgs where id = '${org.id}' for update`, accept))
  await untilQuiet()
  t.equal((await bob.get(path)).status, 404)
  t.equal((await accept()).status, 201)
})

t.test('what is being committed when the time is over is committed, and told so', async (t) => {
  const { alice, path } = await withOrg(muster)
  await joinAs(muster, path, 'carl')
  await muster.db.pool.query(`
    create function dawdle() returns trigger language plpgsql as 'begin perform pg_sleep(1.5); return null; end';
    create constraint trigger dawdle after update on members deferrable initially deferred
      for each row execute function dawdle()`)
  const { status, body } = await alice.patch(`${path}/members/carl`, { role: 'accounting' })
  await muster.db.pool.query('drop function dawdle cascade')
  t.equal(status, 200)
  t.match(body, { role: 'accounting' })
  t.match((await alice.get(`${path}/members/carl`)).body, { role: 'accounting' })
})

function isRefused(t: Test, reply: Reply): void {
  t.match(reply, REFUSED)
  t.equal(reply.headers.get('retry-after'), '1')
}

/** Lets go as soon as the call is answered, so that whatever hangs goes on. */
async function whileLocked(t: Test, statement: string, call: () => Promise<Reply>): Promise<Reply> {
  const other = new Client({ connectionString: muster.databaseUrl })
  await other.connect()
  await other.query('begin')
  await other.query(statement)
  try {
    const reply = await call()
    t.equal(await waiting(other), 1, 'it still waits')
    return reply
  } finally {
    await other.end()
  }
}

async function waiting(client: Client): Promise<number> {
  const { rowCount } = await client.query(
    "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
  )
  return rowCount ?? 0
}

/** Until what was refused has come to its end. */
async function untilQuiet(): Promise<void> {
  const busy =
    "select from pg_stat_activity where state <> 'idle' and pid <> pg_backend_pid() and datname = current_database()"
  while ((await muster.db.pool.query(busy)).rowCount !== 0);
}
