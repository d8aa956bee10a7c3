import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import t, { type Test } from 'tap'
import { buildApp } from '../../../src/app.ts'
import { openDatabase } from '../../../src/db/client.ts'
import { dump } from '../../support/dump.ts'
import { token } from '../../support/keys.ts'
import { joinAs, startMuster, withOrg } from '../../support/muster.ts'

const muster = await startMuster(t)
const key = (value: string = randomUUID()) => ({ 'idempotency-key': value })
const invitation = { email: 'secret.person@example.com', notify: false, message: 'A word to you alone' }

t.test('while the first call runs, the second is told so, and afterwards it gets the answer', async (t) => {
  const { alice, org, path } = await withOrg(muster)
  const headers = key()
  const invite = () => alice.post(`${path}/invitations`, invitation, headers)
  const release = await holdOrg(t, org.id)
  const running = invite()
  let second = await invite()
  t.match(second, { status: 409, body: { code: 'idempotency_in_progress' } })
  await release()
  const first = await running
  t.equal(first.status, 201)
  second = await invite()
  t.equal(second.headers.get('idempotency-replayed'), 'true')
  t.same(second.body, first.body)
})

t.test('a kept answer is not for somebody who has lost the right', async (t) => {
  const { alice, path } = await withOrg(muster)
  const carol = await joinAs(muster, path, 'carol', 'admin')
  const headers = key()
  const invite = () => carol.post(`${path}/invitations`, invitation, headers)
  const { body } = await invite()
  t.equal((await alice.patch(`${path}/members/carol`, { role: 'member' })).status, 200)
  t.match(await invite(), { status: 403, body: { code: 'forbidden' } })
  t.equal((await alice.delete(`${path}/members/carol`)).status, 204)
  t.match(await invite(), { status: 404, body: { code: 'org_not_found' } })
  t.equal((await alice.get(`${path}/invitations/${body.id}`)).status, 200, 'what she did is done')

  const made = { name: 'Acme', adminUserId: 'alice' }
  t.equal((await muster.service('muster:write').post('/orgs', made, headers)).status, 201)
  t.match(await muster.service('muster:check').post('/orgs', made, headers), {
    status: 403,
    body: { code: 'forbidden' },
  })
})

t.test('who has left is still told that they have', async (t) => {
  const { path } = await withOrg(muster)
  const dora = await joinAs(muster, path, 'dora')
  const headers = key()
  const leave = () => dora.post(`${path}/leave`, { confirm: 'Acme' }, headers)
  t.equal((await leave()).status, 204)
  t.equal((await leave()).status, 204)
})

t.test('a call under another key does not wait for it', async (t) => {
  const { alice, org, path } = await withOrg(muster)
  const release = await holdOrg(t, org.id)
  const running = alice.post(`${path}/invitations`, {}, key())
  t.equal((await alice.post('/orgs', { name: 'Other' }, key())).status, 201)
  await release()
  t.equal((await running).status, 201)
})

t.test('of twenty calls with one key at the same time one takes effect', async (t) => {
  const kim = muster.user('kim')
  const headers = key()
  const replies = await Promise.all(
    Array.from({ length: 20 }, () => kim.post('/orgs', { name: 'Kim' }, headers)),
  )
  const made = replies.filter(({ status }) => status === 201)
  t.equal(made.filter(({ headers }) => headers.get('idempotency-replayed') === null).length, 1)
  t.equal(new Set(made.map(({ body }) => body.id)).size, 1)
  for (const { status, body } of replies)
    if (status !== 201) t.match({ status, body }, { status: 409, body: { code: 'idempotency_in_progress' } })
  t.equal((await kim.get('/orgs')).body.data.length, 1)
})

t.test('an answer is kept over a restart, and is the same from another process', async (t) => {
  const headers = key()
  const first = await muster.user('leo').post('/orgs', { name: 'Leo' }, headers)
  const again = await afterRestart(t, 'leo', '/orgs', { name: 'Leo' }, headers)
  t.equal(again.status, 201)
  t.equal(again.headers.get('idempotency-replayed'), 'true')
  t.equal(again.headers.get('location'), `/orgs/${first.body.id}`)
  t.same(await again.json(), first.body)
})

t.test('an answer is kept for a day', async (t) => {
  const mia = muster.user('mia')
  const headers = key()
  const post = () => mia.post('/orgs', { name: 'Mia' }, headers)
  const first = await post()
  const age = (interval: string) =>
    muster.db.pool.query(`update idempotency_keys set created_at = now() - $1::interval`, [interval])
  await age('23 hours 59 minutes')
  t.equal((await post()).body.id, first.body.id)
  await age('24 hours 1 second')
  const second = await post()
  t.equal(second.status, 201)
  t.not(second.body.id, first.body.id)
  t.equal((await post()).body.id, second.body.id)
})

t.test('what is kept holds no code, address, name or key that anybody could read', async (t) => {
  const { alice, path } = await withOrg(muster)
  const headers = key('a-key-that-is-known-to-alice-alone')
  await muster.db.pool.query('delete from idempotency_keys')
  const { body } = await alice.post(`${path}/invitations`, invitation, headers)
  const { rows } = await muster.db.pool.query('select * from idempotency_keys')
  t.equal(rows.length, 1)
  const bytes = Buffer.concat(
    Object.values(rows[0]).filter((value): value is Buffer => value instanceof Buffer),
  )
  const secrets = [
    body.code,
    body.acceptUrl,
    invitation.email,
    invitation.message,
    body.id,
    headers['idempotency-key'],
  ]
  for (const secret of secrets)
    for (const text of [secret, secret.toLowerCase(), secret.replaceAll('-', '')])
      for (const encoded of [text, Buffer.from(text).toString('base64'), Buffer.from(text).toString('hex')])
        t.notOk(bytes.includes(encoded), encoded)
  t.notMatch(JSON.stringify(await dump(muster.db)), body.code)
})

t.test('the same answer is kept as other bytes each time', async (t) => {
  const { alice, path } = await withOrg(muster)
  const headers = key()
  const answers = new Set<string>()
  for (let n = 0; n < 2; n++) {
    await muster.db.pool.query('delete from idempotency_keys')
    t.equal((await alice.post(`${path}/leave`, { confirm: 'wrong' }, headers)).status, 422)
    t.equal((await muster.service('muster:write').post(`${path}/restore`, undefined, headers)).status, 200)
    const { rows } = await muster.db.pool.query(
      "select encode(answer, 'hex') as answer from idempotency_keys",
    )
    t.equal(rows.length, 1)
    answers.add(rows[0].answer)
  }
  t.equal(answers.size, 2)
})

t.test('an answer that was tampered with is never given', async (t) => {
  const pia = muster.user('pia')
  const headers = key()
  await muster.db.pool.query('delete from idempotency_keys')
  await pia.post('/orgs', { name: 'Pia' }, headers)
  await muster.db.pool.query(
    'update idempotency_keys set answer = set_byte(answer, length(answer) - 3, get_byte(answer, length(answer) - 3) # 1)',
  )
  t.match(await pia.post('/orgs', { name: 'Pia' }, headers), {
    status: 500,
    body: { code: 'internal_error' },
  })
})

/** Holds the organisation's lock on a connection of its own; answers how to let go. */
async function holdOrg(t: Test, orgId: string): Promise<() => Promise<unknown>> {
  const client = new Client({ connectionString: muster.databaseUrl })
  await client.connect()
  t.teardown(() => client.end())
  await client.query('begin')
  await client.query('select from orgs where id = $1 for update', [orgId])
  return () => client.query('commit')
}

/** The call to a new process's worth of Muster on the same database. */
async function afterRestart(
  t: Test,
  sub: string,
  path: string,
  body: object,
  headers: Record<string, string>,
) {
  const { config, databaseUrl } = muster
  const db = openDatabase(databaseUrl, 2)
  const app = await buildApp({ db, config })
  t.teardown(() => app.close().then(() => db.close()))
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const claims = { sub, exp: Math.floor(Date.now() / 1000) + 60 }
  const secret = config.jwt.kind === 'secret' ? config.jwt.secret : ''
  const authorization = `Bearer ${token(secret, { alg: 'HS256', typ: 'JWT' }, claims)}`
  return fetch(url + path, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}
