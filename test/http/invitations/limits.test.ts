import t, { type Test } from 'tap'
import { joinAs, type Muster, type Reply, startMuster, withOrg } from '../../support/muster.ts'

const A_MINUTE = 60
const TEN_MINUTES = 600
const A_DAY = 86_400

const muster = await startMuster(t, { LIMIT_INVITATIONS_PER_TEN_MINUTES: '30' })
const backend = muster.service('muster:write')

t.test('an invitation is sent again once a minute', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await backend.post(`${path}/invitations`, { email: 'ann@example.com' })
  const resend = () => alice.post(`${path}/invitations/${body.id}/resend`)
  t.equal((await resend()).status, 200)
  const wait = refused(t, await resend(), 1, A_MINUTE)
  await pass(wait - 5)
  refused(t, await resend(), 1, 5)
  await pass(5)
  t.equal((await resend()).status, 200)
  refused(t, await resend(), 1, A_MINUTE)
})

t.test('an invitation is sent again five times a day', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await backend.post(`${path}/invitations`, {})
  const resend = () => alice.post(`${path}/invitations/${body.id}/resend`)
  for (let times = 1; times <= 5; times++) {
    t.equal((await resend()).status, 200)
    await pass(A_MINUTE)
  }
  await pass(refused(t, await resend(), 5, A_DAY - 5 * A_MINUTE))
  t.equal((await resend()).status, 200)
  t.equal((await resend()).status, 429)
})

t.test('a refused resend leaves the invitation as it is, with the code that works', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body: made } = await backend.post(`${path}/invitations`, {})
  const { body } = await alice.post(`${path}/invitations/${made.id}/resend`)
  t.equal((await alice.post(`${path}/invitations/${made.id}/resend`)).status, 429)
  t.match((await alice.get(`${path}/invitations/${made.id}`)).body, { version: 2, expiresAt: body.expiresAt })
  t.equal((await muster.stranger.get(`/invitations/${body.code}`)).status, 200)
})

t.test(
  'whoever waits as long as they were told gets through, also when two limits were reached',
  async (t) => {
    const { alice, path } = await withOrg(muster)
    const { body } = await backend.post(`${path}/invitations`, {})
    const resend = () => alice.post(`${path}/invitations/${body.id}/resend`)
    for (let times = 1; times <= 5; times++) {
      await pass(A_MINUTE)
      t.equal((await resend()).status, 200)
    }
    await pass(Number((await resend()).headers.get('retry-after')))
    t.equal((await resend()).status, 200)
  },
)

t.test('a person sends 30 invitations in 10 minutes, over all organisations', async (t) => {
  const { alice, path } = await asInviter('nina')
  const { path: elsewhere } = await asInviter('nina', 'Globex')
  const one = (at = path) => alice.post(`${at}/invitations`, {})
  t.equal((await one(elsewhere)).status, 201)
  await pass(400)
  const { body } = await alice.post(`${path}/invitations/batch`, { invitations: Array(40).fill({}) })
  t.equal(body.results.filter(({ status }: Reply) => status === 201).length, 29)
  t.equal(body.results.filter(({ status }: Reply) => status === 429).length, 11)
  for (const at of [path, elsewhere]) refused(t, await one(at), 30, TEN_MINUTES - 400)
  await pass(refused(t, await one(), 30, TEN_MINUTES - 400))
  t.equal((await one()).status, 201)
  refused(t, await one(), 30, TEN_MINUTES - 195)
})

t.test('other Admins and services have their own count, and a service has none', async (t) => {
  const { alice: olga, path } = await asInviter('olga')
  const otto = await joinAs(muster, path, 'otto', 'admin')
  const batch = { invitations: Array(31).fill({}) }
  t.match((await olga.post(`${path}/invitations/batch`, batch)).body.results[30], { status: 429 })
  t.equal((await otto.post(`${path}/invitations`, {})).status, 201)
  t.match((await backend.post(`${path}/invitations/batch`, batch)).body.results[30], { status: 201 })
})

t.test('who sends again or edits what another invited takes nothing from either count', async (t) => {
  const small = await startMuster(t, { LIMIT_INVITATIONS_PER_TEN_MINUTES: '1' })
  const { alice, path } = await withOrg(small)
  const dana = await joinAs(small, path, 'dana', 'admin')
  const { body } = await alice.post(`${path}/invitations`, { email: 'bob@example.com' })
  await dana.post(`${path}/invitations/${body.id}/resend`)
  await dana.patch(`${path}/invitations/${body.id}`, { role: 'accounting' })
  t.equal((await alice.post(`${path}/invitations`, {})).status, 429, 'Alice has sent one')
  t.equal((await dana.post(`${path}/invitations`, {})).status, 201, 'Dana has sent none')
})

t.test('an organisation has at most 500 pending invitations, whoever makes them', async (t) => {
  const { alice, org, path } = await withOrg(muster)
  await muster.db.pool.query(
    `insert into invitations (org_id, id, role, expires_in_days, expires_at, inviter_type, inviter_id)
      select $1, gen_random_uuid(), 'member', 7, now() + interval '7 days', 'service', 'import'
      from generate_series(1, 499)`,
    [org.id],
  )
  const last = await alice.post(`${path}/invitations`, { email: 'bob@example.com' })
  t.equal(last.status, 201)
  for (const caller of [alice, backend]) refused(t, await caller.post(`${path}/invitations`, {}), 500, 3600)
  await alice.post(`${path}/invitations/${last.body.id}/revoke`)
  t.equal((await alice.post(`${path}/invitations`, {})).status, 201)
  refused(t, await alice.post(`${path}/invitations`, {}), 500, 3600)
  await muster.db.pool.query('update invitations set expires_at = now() where org_id = $1', [org.id])
  t.equal((await alice.post(`${path}/invitations`, {})).status, 201, 'what has lapsed does not count')
})

t.test('a lapsed invitation that is sent again counts as pending again', async (t) => {
  const small = await startMuster(t, { LIMIT_PENDING_PER_ORG: '1' })
  const { alice, path } = await withOrg(small)
  const { body: lapsed } = await alice.post(`${path}/invitations`, {})
  await small.db.pool.query('update invitations set expires_at = now()')
  const { body: pending } = await alice.post(`${path}/invitations`, {})
  t.equal((await alice.post(`${path}/invitations/${lapsed.id}/resend`)).status, 429)
  t.equal(
    (await alice.post(`${path}/invitations/${pending.id}/resend`)).status,
    200,
    'no more than there were',
  )
})

t.test('an address gets 10 mails a day, over all organisations, and in whatever spelling', async (t) => {
  const { path } = await withOrg(muster)
  const spellings = ['zoe@bücher.example', 'ZOE@xn--bcher-kva.example']
  const first = await backend.post(`${path}/invitations`, { email: spellings[0] })
  await pass(A_MINUTE)
  t.equal(
    (await backend.post(`${path}/invitations/${first.body.id}/resend`)).status,
    200,
    'a resend is a mail',
  )
  for (let mails = 3; mails <= 10; mails++) {
    const { path: another } = await withOrg(muster)
    t.equal((await backend.post(`${another}/invitations`, { email: spellings[mails % 2] })).status, 201)
  }
  const { path: next } = await withOrg(muster)
  const invite = (draft: object = {}) =>
    backend.post(`${next}/invitations`, { email: spellings[0], ...draft })
  const wait = refused(t, await invite(), 10, A_DAY - A_MINUTE)
  await pass(A_MINUTE)
  refused(t, await backend.post(`${path}/invitations/${first.body.id}/resend`), 10, A_DAY - 2 * A_MINUTE)
  t.equal((await invite({ email: 'zoe@example.com' })).status, 201, 'another address has its own count')

  await pass(wait - A_MINUTE)
  t.equal((await invite()).status, 201, 'the oldest mail is a day old')
  const { path: last } = await withOrg(muster)
  refused(t, await backend.post(`${last}/invitations`, { email: spellings[0] }), 10, A_MINUTE)
  t.equal(
    (await backend.post(`${last}/invitations`, { email: spellings[0], notify: false })).status,
    201,
    'what is not mailed is not limited',
  )
})

/** Alice by another name, so that nobody has counted for her yet. */
async function asInviter(id: string, name = 'Acme') {
  const alice = muster.user(id)
  const { body } = await alice.post('/orgs', { name })
  return { alice, path: `/orgs/${body.id}` }
}

/** @returns the seconds to wait, which are those that are left, give or take what the test itself took. */
function refused(t: Test, { status, body, headers }: Reply, limit: number, left: number): number {
  t.match({ status, body }, { status: 429, body: { code: 'rate_limited', status: 429 } })
  const wait = Number(headers.get('retry-after'))
  t.ok(wait >= 1 && wait <= left && wait > left - 30, `${wait} s of ${left} s`)
  t.same(
    ['limit', 'remaining', 'reset'].map((field) => headers.get(`ratelimit-${field}`)),
    [`${limit}`, '0', `${wait}`],
  )
  return wait
}

/** Lets time pass for what is counted. */
async function pass(seconds: number, { db }: Muster = muster): Promise<void> {
  for (const table of ['invitations', 'sendings'])
    await db.pool.query(`update ${table} set created_at = created_at - make_interval(secs => $1)`, [seconds])
}
