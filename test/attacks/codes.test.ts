import t, { type Test } from 'tap'
import { type Caller, type Reply, startMuster, withOrg } from '../support/muster.ts'

const WRONG = '7K3M-Q2ZV-8RTN-4XWD-H5PA-9CJE'

const muster = await startMuster(t, { LIMIT_WRONG_CODES_PER_MINUTE: '10' })
const behindProxy = await startMuster(t, { LIMIT_WRONG_CODES_PER_MINUTE: '10', TRUST_PROXY: 'true' })

const look = (caller: Caller, code = WRONG, headers = {}) => caller.get(`/invitations/${code}`, headers)
const from = (host: number) => ({ 'x-forwarded-for': `198.51.100.${host}` })

t.beforeEach(async () => {
  for (const { db } of [muster, behindProxy]) await db.pool.query('delete from wrong_codes')
})

t.test('an address may try ten wrong codes a minute, whoever calls from it', async (t) => {
  for (let tries = 1; tries <= 10; tries++)
    isMiss(t, await look(tries % 2 ? muster.user(`guesser-${tries}`) : muster.stranger))
  for (const caller of [muster.stranger, muster.user('newcomer'), muster.service('muster:write')])
    isRefused(t, await look(caller))
})

t.test('a caller may try ten wrong codes a minute, from whatever address', async (t) => {
  const guesser = behindProxy.user('guesser')
  for (let host = 1; host <= 10; host++) isMiss(t, await look(guesser, WRONG, from(host)))
  isRefused(t, await look(guesser, WRONG, from(11)))
  isMiss(t, await look(behindProxy.user('somebody-else'), WRONG, from(11)))
  isMiss(t, await look(behindProxy.stranger, WRONG, from(1)))
})

t.test('looking, accepting and declining count together, and so does whatever is no code', async (t) => {
  const bob = muster.user('bob')
  for (const key of [WRONG, 'x', '01980f3a-8f10-7c11-8a55-1f2e3d4c5b6a']) {
    isMiss(t, await look(bob, key))
    isMiss(t, await bob.post(`/invitations/${key}/accept`))
    isMiss(t, await bob.post(`/invitations/${key}/decline`, {}))
  }
  isMiss(t, await look(bob))
  isRefused(t, await look(bob))
  isRefused(t, await bob.post(`/invitations/${WRONG}/accept`))
  isRefused(t, await bob.post(`/invitations/${WRONG}/decline`, {}))
})

t.test('of fifty guesses at once ten are told that they are wrong, and none more', async (t) => {
  for (const caller of [muster.stranger, muster.user('bob')]) {
    await muster.db.pool.query('delete from wrong_codes')
    const replies = await Promise.all(Array.from({ length: 50 }, () => look(caller)))
    t.equal(replies.filter(({ status }) => status === 404).length, 10)
    t.equal(replies.filter(({ status }) => status === 429).length, 40)
  }
})

t.test('over the limit the right code is refused too, and nothing happens by it', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations`, { email: 'bob@example.com', notify: false })
  const bob = muster.user('bob')
  for (let tries = 1; tries <= 10; tries++) await look(bob)
  isRefused(t, await look(bob, body.code))
  isRefused(t, await bob.post(`/invitations/${body.code}/accept`))
  isRefused(t, await bob.post(`/invitations/${body.code}/decline`, {}))
  isRefused(t, await bob.post(`/invitations/${body.id}/accept`))
  t.match((await alice.get(`${path}/invitations/${body.id}`)).body, { status: 'pending', version: 1 })

  await pass(60)
  t.equal((await bob.post(`/invitations/${body.code}/accept`)).status, 201)
})

t.test('one more guess is let through when the oldest is a minute old', async (t) => {
  isMiss(t, await look(muster.stranger))
  await pass(40)
  for (let tries = 2; tries <= 10; tries++) isMiss(t, await look(muster.stranger))
  const wait = isRefused(t, await look(muster.stranger))
  t.ok(wait > 10 && wait <= 20, `${wait} s`)
  await pass(wait)
  isMiss(t, await look(muster.stranger))
  isRefused(t, await look(muster.stranger))
})

t.test('whoever waits as long as they were told gets through, also after many guesses at once', async (t) => {
  for (let tries = 1; tries <= 5; tries++) isMiss(t, await look(muster.stranger))
  await pass(40)
  await Promise.all(Array.from({ length: 50 }, () => look(muster.stranger)))
  await pass(isRefused(t, await look(muster.stranger)) + 1)
  isMiss(t, await look(muster.stranger))
})

t.test('an invented X-Forwarded-For does not make another address', async (t) => {
  for (let host = 1; host <= 10; host++)
    isMiss(t, await look(muster.stranger, WRONG, { ...from(host), forwarded: `for=198.51.100.${host}` }))
  isRefused(t, await look(muster.stranger, WRONG, from(11)))
})

t.test('behind a trusted proxy each address has its own count', async (t) => {
  for (let tries = 1; tries <= 10; tries++) isMiss(t, await look(behindProxy.stranger, WRONG, from(1)))
  isRefused(t, await look(behindProxy.stranger, WRONG, from(1)))
  isMiss(t, await look(behindProxy.stranger, WRONG, from(2)))
})

t.test('only what opens nothing counts: not a code that is right, for another person or over', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body: bobs } = await alice.post(`${path}/invitations`, { email: 'bob@example.com', notify: false })
  const { body: revoked } = await alice.post(`${path}/invitations`, {})
  await alice.post(`${path}/invitations/${revoked.id}/revoke`)
  const mallory = muster.user('mallory')
  for (let times = 1; times <= 6; times++) {
    t.equal((await look(mallory, bobs.code)).status, 200)
    t.equal((await mallory.post(`/invitations/${bobs.code}/accept`)).status, 403)
    t.equal((await look(mallory, revoked.code)).status, 410)
  }
  isMiss(t, await look(mallory))
})

t.test('a code opens its invitation however it is typed', async (t) => {
  const { alice, path } = await withOrg(muster)
  const code = await codeWith(alice, path, /1.*0|0.*1/)
  for (const typed of [
    code,
    code.toLowerCase(),
    code.replaceAll('-', ''),
    code.replaceAll('-', ' '),
    ` ${code.toLowerCase()} `,
    code.replaceAll('1', 'I').replaceAll('0', 'O'),
    code.replaceAll('1', 'l').replaceAll('0', 'o'),
    code.replaceAll('-', '').replaceAll('1', 'i'),
  ])
    t.equal((await look(muster.stranger, encodeURIComponent(typed))).status, 200, typed)
  t.equal((await muster.user('bob').post(`/invitations/${code.toLowerCase()}/accept`)).status, 201)
})

t.test('a code that is nearly right opens nothing', async (t) => {
  const { alice, path } = await withOrg(muster)
  const code = await codeWith(alice, path, /./)
  const other = code.startsWith('2') ? '3' : '2'
  for (const typed of [
    `${other}${code.slice(1)}`,
    code.slice(1),
    `${code}2`,
    `${code}%00`,
    code.replace('-', '_'),
  ]) {
    const { status } = await look(muster.stranger, typed)
    t.ok(status === 404 || status === 400, `${typed} ${status}`)
  }
})

/** An open code whose characters fit, after as many tries as it takes. */
async function codeWith(alice: Caller, path: string, pattern: RegExp): Promise<string> {
  for (;;) {
    const { body } = await alice.post(`${path}/invitations`, {})
    if (pattern.test(body.code)) return body.code
  }
}

function isMiss(t: Test, { status, body }: Reply): void {
  t.match({ status, body }, { status: 404, body: { code: 'invitation_not_found' } })
}

/** @returns the seconds to wait. */
function isRefused(t: Test, { status, body, headers }: Reply): number {
  t.match({ status, body }, { status: 429, body: { code: 'rate_limited' } })
  const wait = Number(headers.get('retry-after'))
  t.ok(wait >= 1 && wait <= 60, `${wait} s`)
  t.same(
    ['limit', 'remaining', 'reset'].map((field) => headers.get(`ratelimit-${field}`)),
    ['10', '0', `${wait}`],
  )
  return wait
}

async function pass(seconds: number): Promise<void> {
  await muster.db.pool.query('update wrong_codes set tried_at = tried_at - make_interval(secs => $1)', [
    seconds,
  ])
}
