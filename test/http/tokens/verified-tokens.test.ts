import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import type { User } from '../../../src/domain/actor.ts'
import { type Verified, VerifiedTokens } from '../../../src/http/tokens/verified-tokens.ts'
import { claims, ec, jwk, jwksServer, now, token } from '../../support/keys.ts'
import { whoami } from '../../support/whoami.ts'

const SECRET = randomBytes(32).toString('hex')
const HS256 = { alg: 'HS256', typ: 'JWT' }
const MEBIBYTE = 1024 * 1024

t.test('a token that was valid a moment ago is refused when its time is over', async (t) => {
  const { askWith } = await serverWithSecret(t)
  // `now` drops the fraction of a second, and each call takes a while. Of 60 s, none may be left after 59.
  const valid = token(SECRET, HS256, claims({ exp: now() + 61 }))
  for (let n = 0; n < 3; n++) t.equal((await askWith(valid)).status, 200)
  moveClock(t, Date, 59_000)
  t.equal((await askWith(valid)).status, 200)
  moveClock(t, Date, 2_000)
  const { status, challenge, body } = await askWith(valid)
  t.equal(status, 401)
  t.equal(challenge, 'Bearer error="invalid_token"')
  t.match(body, { detail: 'The token has expired.' })
})

t.test('and when the clock is put back to before it', async (t) => {
  const { askWith } = await serverWithSecret(t)
  const valid = token(SECRET, HS256, claims({ nbf: now() - 10, exp: now() + 60 }))
  for (let n = 0; n < 3; n++) t.equal((await askWith(valid)).status, 200)
  moveClock(t, Date, -20_000)
  t.match(await askWith(valid), { status: 401, body: { detail: 'The token is not valid yet.' } })
})

t.test('a key that is no longer published takes the tokens along that it verified', async (t) => {
  const [old, fresh] = [ec(), ec()]
  const id = await jwksServer([jwk(old, { kid: 'a' })])
  t.teardown(id.close)
  const { askWith } = await serverWith(t, { JWT_JWKS_URL: id.url })
  const withOld = token(old.privateKey, { alg: 'ES256', kid: 'a' }, claims({ exp: now() + 3600 }))
  const withFresh = token(fresh.privateKey, { alg: 'ES256', kid: 'b' }, claims({ exp: now() + 3600 }))
  for (let n = 0; n < 3; n++) t.equal((await askWith(withOld)).status, 200)

  t.test('when its ten minutes are over', async (t) => {
    id.keys = [jwk(fresh, { kid: 'b' })]
    moveClock(t, performance, 599_000)
    t.equal((await askWith(withOld)).status, 200)
    moveClock(t, performance, 2_000)
    t.equal((await askWith(withOld)).status, 401)
  })

  t.test('when another token makes Muster look', async (t) => {
    id.keys = [jwk(old, { kid: 'a' })]
    moveClock(t, performance, 700_000)
    for (let n = 0; n < 3; n++) t.equal((await askWith(withOld)).status, 200)
    id.keys = [jwk(fresh, { kid: 'b' })]
    moveClock(t, performance, 31_000)
    t.equal((await askWith(withFresh)).status, 200)
    t.equal((await askWith(withOld)).status, 401)
  })

  t.test('also when another one has its name', async (t) => {
    id.keys = [jwk(old, { kid: 'a' })]
    moveClock(t, performance, 1_400_000)
    for (let n = 0; n < 3; n++) t.equal((await askWith(withOld)).status, 200)
    id.keys = [jwk(fresh, { kid: 'a' })]
    moveClock(t, performance, 601_000)
    t.equal((await askWith(withOld)).status, 401)
  })
})

t.test('a token differs from one that is known by its last letter, and is refused', async (t) => {
  const { askWith } = await serverWithSecret(t)
  const valid = token(SECRET, HS256, claims())
  for (let n = 0; n < 3; n++) t.equal((await askWith(valid)).status, 200)
  for (const other of [
    valid.slice(0, -1),
    `${valid}A`,
    `${valid.slice(0, -1)}${valid.endsWith('A') ? 'B' : 'A'}`,
  ])
    t.equal((await askWith(other)).status, 401)
  t.equal((await askWith(valid)).status, 200)
})

t.test('many at once are each who they are', async (t) => {
  const { askWith } = await serverWithSecret(t)
  const people = Array.from({ length: 50 }, (_, n) => `user_${n}`)
  const tokens = new Map(people.map((sub) => [sub, token(SECRET, HS256, claims({ sub }))]))
  for (let round = 0; round < 20; round++) {
    const answers = await Promise.all(people.map((sub) => askWith(tokens.get(sub) ?? '')))
    t.same(
      answers.map(({ body }) => (body as User).id),
      people,
    )
  }
})

t.test('who is known is not verified again, and who is refused is not known', async (t) => {
  const kept = new VerifiedTokens(() => 0)
  t.equal(kept.find('a'), undefined)
  t.equal(await kept.verify('a', async () => verifiedAs('alice')), kept.find('a'))
  t.match(kept.find('a'), { id: 'alice' })
  await t.rejects(kept.verify('b', () => Promise.reject(new Error('no'))))
  t.equal(kept.find('b'), undefined)
  t.same(kept.size, { entries: 1, characters: 1 })
})

t.test(
  'what keys of before have verified does not count, nor what was verified while they changed',
  async (t) => {
    let keys: number | undefined = 1
    const kept = new VerifiedTokens(() => keys)
    await kept.verify('a', async () => verifiedAs('alice'))
    const pending = kept.verify('b', async () => verifiedAs('bob'))
    keys = 2
    await pending
    t.equal(kept.find('a'), undefined)
    t.equal(kept.find('b'), undefined)
    keys = undefined
    await kept.verify('c', async () => verifiedAs('carl'))
    t.equal(kept.find('c'), undefined, 'and nothing is kept while nobody knows which ones count')
    t.same(kept.size, { entries: 0, characters: 0 })
  },
)

t.test('however many valid tokens come, a bounded number is kept, and who comes often stays', async (t) => {
  const kept = new VerifiedTokens(() => 0)
  await kept.verify('often', async () => verifiedAs('often'))
  for (let n = 0; n < 25_000; n++) {
    await kept.verify(`token ${n}`, async () => verifiedAs(`user ${n}`))
    if (n % 1_000 === 0) t.match(kept.find('often'), { id: 'often' })
  }
  t.equal(kept.size.entries, 10_000)
  t.match(kept.find('often'), { id: 'often' })
  t.match(kept.find('token 24999'), { id: 'user 24999' })
  t.equal(kept.find('token 0'), undefined)

  const long = 'x'.repeat(4_000)
  for (let n = 0; n < 10_000; n++) await kept.verify(`${long}${n}`, async () => verifiedAs(`user ${n}`))
  t.ok(kept.size.characters <= 16 * MEBIBYTE, `${kept.size.characters} characters`)
  await kept.verify('x'.repeat(5_000), async () => verifiedAs('long'))
  t.equal(kept.find('x'.repeat(5_000)), undefined, 'and none that is too long')
})

function verifiedAs(id: string): Verified {
  const actor: User = { type: 'user', id, email: null, emailVerified: false, name: null }
  return { actor, notBefore: 0, expires: now() + 60 }
}

async function serverWith(t: Test, env: NodeJS.ProcessEnv) {
  const server = await whoami(env)
  t.teardown(server.close)
  return server
}

function serverWithSecret(t: Test) {
  return serverWith(t, { JWT_SECRET: SECRET })
}

/** Until the end of the test. */
function moveClock(t: Test, clock: { now(): number }, milliseconds: number): void {
  const before = clock.now
  clock.now = () => before.call(clock) + milliseconds
  t.teardown(() => {
    clock.now = before
  })
}
