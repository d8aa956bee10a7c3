import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import {
  claims,
  ec,
  ed25519,
  type JwksServer,
  jwk,
  jwksServer,
  now,
  publicPem,
  rsa,
  token,
} from '../../support/keys.ts'
import { stopwatch } from '../../support/stopwatch.ts'
import { type Whoami, whoami } from '../../support/whoami.ts'

const SECRET = randomBytes(32).toString('hex')
const HS256 = { alg: 'HS256', typ: 'JWT' }

async function serverWith(t: Test, env: NodeJS.ProcessEnv): Promise<Whoami> {
  const server = await whoami(env)
  t.teardown(server.close)
  return server
}

async function provider(t: Test, keys: Record<string, unknown>[]): Promise<JwksServer> {
  const server = await jwksServer(keys)
  t.teardown(server.close)
  return server
}

t.test('a token speaks for the user in it', async (t) => {
  const { askWith } = await serverWith(t, { JWT_SECRET: SECRET })
  const actor = async (more: Record<string, unknown>) =>
    (await askWith(token(SECRET, HS256, claims(more)))).body

  const alice = { email: 'Alice@EXAMPLE.com', email_verified: true, name: 'Alice' }
  t.same(await actor(alice), {
    type: 'user',
    id: 'user_1',
    email: 'alice@example.com',
    emailVerified: true,
    name: 'Alice',
  })
  t.same(await actor({}), { type: 'user', id: 'user_1', email: null, emailVerified: false, name: null })

  t.test('whose e-mail is verified only by the value true', async (t) => {
    for (const email_verified of ['true', 1, 'yes', null, [true], {}]) {
      t.match(await actor({ ...alice, email_verified }), { email: 'alice@example.com', emailVerified: false })
    }
  })

  t.test('whose e-mail counts only if it is one', async (t) => {
    for (const email of [
      'alice',
      'a@b',
      '',
      7,
      ['alice@example.com'],
      { email: 'alice@example.com' },
      'a\u212A@example.com',
    ]) {
      t.match(await actor({ ...alice, email }), { email: null, emailVerified: false })
    }
  })

  t.test('whose name is put on one line, and is no reason to refuse them', async (t) => {
    const name = async (name: unknown) => ((await actor({ name })) as { name: unknown }).name
    t.equal(await name('  Alice\r\nBcc:\tmallory\u0000\u0085 '), 'Alice Bcc: mallory')
    t.equal(await name('\ud83d Alice'), '\ufffd Alice')
    t.equal(await name('😀'.repeat(201)), '😀'.repeat(200))
    for (const none of ['', ' \n ', 7, null, ['Alice'], {}]) t.equal(await name(none), null)
  })
})

t.test('a token with a scope of ours speaks for a service', async (t) => {
  const { askWith } = await serverWith(t, { JWT_SECRET: SECRET })
  const actor = async (scope: unknown) =>
    (await askWith(token(SECRET, HS256, claims({ sub: 'billing', scope })))).body

  t.same(await actor('muster:write'), { type: 'service', id: 'billing', scopes: ['muster:write'] })
  t.same(await actor('openid muster:read muster:check'), {
    type: 'service',
    id: 'billing',
    scopes: ['muster:read', 'muster:check'],
  })
  for (const scope of [
    'openid profile',
    '',
    'muster:admin',
    'MUSTER:WRITE',
    'xmuster:write',
    ['muster:write'],
    7,
    null,
  ]) {
    t.match(await actor(scope), { type: 'user', id: 'billing' }, JSON.stringify(scope))
  }
})

t.test('RS256, ES256 and EdDSA are verified with the public key', async (t) => {
  for (const [alg, pair] of [
    ['RS256', rsa()],
    ['ES256', ec()],
    ['EdDSA', ed25519()],
  ] as const) {
    const { askWith } = await serverWith(t, { JWT_PUBLIC_KEY: publicPem(pair) })
    t.equal((await askWith(token(pair.privateKey, { alg }, claims()))).status, 200, alg)
  }
})

t.test('a caller without a token is asked for one', async (t) => {
  const { ask } = await serverWith(t, { JWT_SECRET: SECRET })
  const tokenless: Record<string, string>[] = [
    {},
    { authorization: 'Basic YWxpY2U6cHc=' },
    { authorization: 'Bearer' },
  ]
  for (const headers of tokenless) {
    const { status, challenge, body } = await ask(headers)
    t.equal(status, 401)
    t.equal(challenge, 'Bearer')
    t.match(body, { code: 'unauthenticated', detail: /Authorization: Bearer/ })
  }
})

t.test('a token is taken from the header and from nowhere else', async (t) => {
  const { ask } = await serverWith(t, { JWT_SECRET: SECRET })
  const valid = token(SECRET, HS256, claims())
  t.equal((await ask({ authorization: `bearer ${valid}` })).status, 200)
  t.equal((await ask({ cookie: `token=${valid}; access_token=${valid}` })).status, 401)
  t.equal((await ask({}, `/whoami?access_token=${valid}&token=${valid}`)).status, 401)
})

t.test('a route that is open to all takes no token, or a valid one', async (t) => {
  const { ask } = await serverWith(t, { JWT_SECRET: SECRET })
  const anyone = (headers: Record<string, string>) => ask(headers, '/anyone')
  t.match(await anyone({}), { status: 200, body: { id: null } })
  t.match(await anyone({ authorization: `Bearer ${token(SECRET, HS256, claims())}` }), {
    status: 200,
    body: { id: 'user_1' },
  })
  t.match(await anyone({ authorization: `Bearer ${token('other', HS256, claims())}` }), { status: 401 })
})

t.test('issuer and audience must fit where they are configured', async (t) => {
  const issuer = 'https://id.example.com/'
  const { askWith } = await serverWith(t, { JWT_SECRET: SECRET, JWT_ISSUER: issuer, JWT_AUDIENCE: 'muster' })
  const ask = (more: Record<string, unknown>) => askWith(token(SECRET, HS256, claims(more)))

  t.equal((await ask({ iss: issuer, aud: 'muster' })).status, 200)
  t.equal((await ask({ iss: issuer, aud: ['other', 'muster'] })).status, 200)
  t.match(await ask({ iss: 'https://id.example.com', aud: 'muster' }), {
    status: 401,
    body: { detail: /iss/ },
  })
  t.match(await ask({ iss: issuer, aud: 'Muster' }), { status: 401, body: { detail: /aud/ } })
  t.equal((await ask({ iss: issuer, aud: [] })).status, 401)
  t.equal((await ask({ iss: [issuer], aud: 'muster' })).status, 401)
  t.equal((await ask({ aud: 'muster' })).status, 401)
  t.equal((await ask({ iss: issuer })).status, 401)
})

t.test('published keys are found by their id and fetched once', async (t) => {
  const [first, second, third] = [rsa(), ec(), ed25519()]
  const id = await provider(t, [
    jwk(first, { kid: 'a', use: 'sig', alg: 'RS256' }),
    jwk(second, { kid: 'b' }),
    jwk(third, { kid: 'c' }),
  ])
  const { askWith } = await serverWith(t, { JWT_JWKS_URL: id.url })
  const askAll = Promise.all([
    askWith(token(first.privateKey, { alg: 'RS256', kid: 'a' }, claims())),
    askWith(token(second.privateKey, { alg: 'ES256', kid: 'b' }, claims())),
    askWith(token(third.privateKey, { alg: 'EdDSA', kid: 'c' }, claims())),
    askWith(token(third.privateKey, { alg: 'EdDSA' }, claims())),
  ])
  t.same(
    (await askAll).map(({ status }) => status),
    [200, 200, 200, 200],
  )
  t.equal((await askWith(token(first.privateKey, { alg: 'RS256', kid: 'b' }, claims()))).status, 401)
  t.equal(id.fetches, 1)
})

t.test('a token that no published key could verify is refused without a fetch', async (t) => {
  const id = await provider(t, [jwk(ec(), { kid: 'a' })])
  const { askWith } = await serverWith(t, { JWT_JWKS_URL: id.url })
  for (const alg of ['none', 'HS256', 'PS256']) {
    t.equal((await askWith(token(SECRET, { alg, kid: 'a' }, claims()))).status, 401, alg)
  }
  t.equal(id.fetches, 0)
})

t.test('tokens with unknown keys cost no fetch each', async (t) => {
  const known = ec()
  const id = await provider(t, [jwk(known, { kid: 'known' })])
  const { askWith } = await serverWith(t, { JWT_JWKS_URL: id.url })
  const kids = Array.from({ length: 20 }, (_, index) => `unknown-${index}`)
  const answers = await Promise.all(
    kids.map((kid) => askWith(token(ec().privateKey, { alg: 'ES256', kid }, claims()))),
  )
  t.ok(answers.every(({ status }) => status === 401))
  t.equal((await askWith(token(known.privateKey, { alg: 'ES256', kid: 'known' }, claims()))).status, 200)
  t.equal(id.fetches, 1)
})

t.test('a provider that does not answer is our failure, not the token’s', async (t) => {
  const pair = ec()
  const valid = token(pair.privateKey, { alg: 'ES256', kid: 'a' }, claims())
  for (const answer of ['error', 'nonsense', 'silence'] as const) {
    const id = await provider(t, [jwk(pair, { kid: 'a' })])
    id.answer = answer
    const { askWith } = await serverWith(t, { JWT_JWKS_URL: id.url })
    const clock = stopwatch()
    const answers = await Promise.all([askWith(valid), askWith(valid), askWith(valid)])
    for (const { status, challenge, body } of answers) {
      t.equal(status, 503, answer)
      t.equal(challenge, null)
      t.match(body, { code: 'unavailable' })
    }
    t.ok(clock() < 2500, 'told within 2.5 s')
    t.equal((await askWith(valid)).status, 503)
    t.equal(id.fetches, 1, 'and it is not asked again at once')
  }
})

t.test('a provider that comes back is asked again after five seconds', async (t) => {
  const pair = ec()
  const valid = token(pair.privateKey, { alg: 'ES256', kid: 'a' }, claims())
  const id = await provider(t, [jwk(pair, { kid: 'a' })])
  id.answer = 'error'
  const { askWith } = await serverWith(t, { JWT_JWKS_URL: id.url })
  t.equal((await askWith(valid)).status, 503)
  id.answer = 'keys'
  t.equal((await askWith(valid)).status, 503)
  later(t, 5_000)
  t.equal((await askWith(valid)).status, 200)
  t.equal(id.fetches, 2)
})

t.test('a new key is found, and the old keys serve while the provider is away', async (t) => {
  const [old, fresh] = [ec(), ec()]
  const id = await provider(t, [jwk(old, { kid: 'old' })])
  const { askWith } = await serverWith(t, { JWT_JWKS_URL: id.url })
  const withOld = token(old.privateKey, { alg: 'ES256', kid: 'old' }, claims({ exp: now() + 3600 }))
  const withFresh = token(fresh.privateKey, { alg: 'ES256', kid: 'fresh' }, claims({ exp: now() + 3600 }))
  t.equal((await askWith(withOld)).status, 200)

  later(t, 31_000)
  id.answer = 'error'
  t.equal((await askWith(withFresh)).status, 503)
  t.equal((await askWith(withOld)).status, 200)

  later(t, 31_000)
  id.answer = 'keys'
  id.keys = [jwk(fresh, { kid: 'fresh' })]
  t.equal((await askWith(withFresh)).status, 200)
  t.equal((await askWith(withOld)).status, 401)

  later(t, 601_000)
  id.answer = 'error'
  t.equal((await askWith(withFresh)).status, 200)
  t.equal(id.fetches, 4)
})

/** Moves the clock that the key set is paced by. */
function later(t: Test, milliseconds: number): void {
  const real = performance.now.bind(performance)
  performance.now = () => real() + milliseconds
  t.teardown(() => {
    performance.now = real
  })
}
