import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import {
  claims,
  ec,
  ed25519,
  jwk,
  jwksServer,
  now,
  type Pair,
  publicPem,
  rsa,
  token,
} from '../support/keys.ts'
import { whoami } from '../support/whoami.ts'

type Attacks = Record<string, string>

const SECRET = randomBytes(32).toString('hex')
const HS256 = { alg: 'HS256', typ: 'JWT' }
const mallory = { rsa: rsa(), ec: ec(), ed25519: ed25519() }

t.test('with a secret', async (t) => {
  const valid = token(SECRET, HS256, claims())
  const [header, payload, signature] = valid.split('.') as [string, string, string]
  const forged = Buffer.from(JSON.stringify(claims({ sub: 'admin' }))).toString('base64url')
  const withHeader = (more: object) => token(SECRET, { ...HS256, ...more }, claims())
  const withClaims = (more: Record<string, unknown>) => token(SECRET, HS256, claims(more))
  const withPayload = (text: string) => token(SECRET, HS256, text)
  const text = (sub: string) => `{"sub":${sub},"exp":${now() + 60}}`

  await refusesAll(t, { JWT_SECRET: SECRET }, valid, {
    'no signature, alg none': token(SECRET, { alg: 'none' }, claims()),
    'no signature, alg None': token(SECRET, { alg: 'None' }, claims(), 'none'),
    'no signature, alg HS256': `${header}.${payload}.`,
    'no signature and no dot for it': `${header}.${payload}`,
    'a signature under alg none': token(SECRET, { alg: 'none' }, claims(), 'HS256'),
    'no alg': token(SECRET, { typ: 'JWT' }, claims()),
    'alg null': withHeader({ alg: null }),
    'a list as alg': withHeader({ alg: ['HS256'] }),
    'alg in lower case': withHeader({ alg: 'hs256' }),
    'HS384 with the right secret': withHeader({ alg: 'HS384' }),
    'HS512 with the right secret': withHeader({ alg: 'HS512' }),
    'another secret': token(randomBytes(32).toString('hex'), HS256, claims()),
    'the empty secret': token('', HS256, claims()),
    'other claims under a valid signature': `${header}.${forged}.${signature}`,
    'half a signature': valid.slice(0, -20),
    'padding after the signature': `${valid}=`,
    'a fourth part': `${valid}.${signature}`,
    'five parts, as of a JWE': `${header}.${payload}.${signature}.${payload}.${signature}`,
    'dots alone': '..',
    'no token at all': 'null',
    'fifteen kilobytes': 'A'.repeat(15_000),
    'a list as header': `W10.${payload}.${signature}`,
    'a list as claims': withPayload('[{"sub":"user_1","exp":9999999999}]'),
    'null as claims': withPayload('null'),
    'claims that are no JSON': withPayload('{"sub":"user_1",'),
    'claims in the prototype': withPayload(`{"__proto__":{"sub":"admin","exp":${now() + 60}}}`),

    'the sender’s key in jwk': token(
      mallory.rsa.privateKey,
      { alg: 'RS256', jwk: jwk(mallory.rsa) },
      claims(),
    ),
    'an unknown critical header': withHeader({ crit: ['urn:x'], 'urn:x': true }),
    'a critical header that is not there': withHeader({ crit: ['urn:x'] }),
    'an unencoded payload (RFC 7797)': withHeader({ crit: ['b64'], b64: false }),
    'a registered header as critical': withHeader({ crit: ['alg'] }),
    'no critical headers in crit': withHeader({ crit: [] }),
    'crit as text': withHeader({ crit: 'exp' }),
    'crit as empty text': withHeader({ crit: '' }),
    'crit as null': withHeader({ crit: null }),
    'crit as false': withHeader({ crit: false }),

    'no sub': withPayload(JSON.stringify({ exp: now() + 60 })),
    'a null sub': withClaims({ sub: null }),
    'a number as sub': withClaims({ sub: 1 }),
    'true as sub': withClaims({ sub: true }),
    'a list as sub': withClaims({ sub: ['user_1'] }),
    'an object as sub': withClaims({ sub: { id: 'user_1' } }),
    'an empty sub': withClaims({ sub: '' }),
    'a sub of 256 characters': withClaims({ sub: 'a'.repeat(256) }),
    'NUL in sub': withPayload(text('"user_1\\u0000"')),
    'a line end in sub': withPayload(text('"user_1\\n"')),
    'DEL in sub': withPayload(text('"user\\u007f1"')),
    'a C1 control character in sub': withPayload(text('"user\\u00851"')),
    'half a surrogate pair in sub': withPayload(text('"user\\ud800"')),
    'a surrogate pair turned around in sub': withPayload(text('"\\udc00\\ud800"')),

    'no exp': withPayload('{"sub":"user_1"}'),
    'exp long ago': withClaims({ exp: 0 }),
    'exp a second ago': withClaims({ exp: now() - 1 }),
    'exp before time': withClaims({ exp: -1 }),
    'exp as text': withClaims({ exp: String(now() + 60) }),
    'exp as null': withClaims({ exp: null }),
    'exp in a list': withClaims({ exp: [now() + 60] }),
    'nbf in a minute': withClaims({ nbf: now() + 60 }),
    'nbf at the end of time': withPayload(`{"sub":"user_1","exp":${now() + 60},"nbf":1e400}`),
    'nbf as text': withClaims({ nbf: '0' }),
  })
})

t.test('with a public key', async (t) => {
  for (const [alg, pair, other] of [
    ['RS256', rsa(), mallory.rsa],
    ['ES256', ec(), mallory.ec],
    ['EdDSA', ed25519(), mallory.ed25519],
  ] as const) {
    const pem = publicPem(pair)
    const valid = token(pair.privateKey, { alg }, claims())
    const unsigned = valid.slice(0, valid.lastIndexOf('.') + 1)
    await refusesAll(t, { JWT_PUBLIC_KEY: pem }, valid, {
      [`${alg}: HS256 with the PEM as the secret`]: token(pem, HS256, claims()),
      [`${alg}: HS256 with the trimmed PEM`]: token(pem.trim(), HS256, claims()),
      [`${alg}: HS256 with the PEM on one line`]: token(pem.trim().replaceAll('\n', '\\n'), HS256, claims()),
      [`${alg}: HS256 with the DER`]: hmacWithDer(pair.publicKey),
      [`${alg}: jwk, though well signed`]: token(pair.privateKey, { alg, jwk: jwk(pair) }, claims()),
      [`${alg}: jku, though well signed`]: token(
        pair.privateKey,
        { alg, jku: 'https://id.example.com' },
        claims(),
      ),
      [`${alg}: x5u, though well signed`]: token(
        pair.privateKey,
        { alg, x5u: 'https://id.example.com' },
        claims(),
      ),
      [`${alg}: HS256 with the JWK`]: token(JSON.stringify(jwk(pair)), HS256, claims()),
      [`${alg}: alg none`]: token(pair.privateKey, { alg: 'none' }, claims()),
      [`${alg}: no signature`]: unsigned,
      [`${alg}: a signature of zeros`]:
        unsigned + Buffer.alloc(alg === 'RS256' ? 256 : 64).toString('base64url'),
      [`${alg}: another key`]: token(other.privateKey, { alg }, claims()),
      [`${alg}: the sender's key in jwk`]: token(other.privateKey, { alg, jwk: jwk(other) }, claims()),
      [`${alg}: RS256 with another key`]: token(mallory.rsa.privateKey, { alg: 'RS256' }, claims()),
    })
  }

  const pair = rsa()
  const sign = (alg: string, by: string) => token(pair.privateKey, { alg }, claims(), by)
  await refusesAll(t, { JWT_PUBLIC_KEY: publicPem(pair) }, sign('RS256', 'RS256'), {
    'RS512 with the right key': sign('RS512', 'RS512'),
    'RS256 that is signed as RS512': sign('RS256', 'RS512'),
    'PS256 over an RS256 signature': sign('PS256', 'RS256'),
  })
})

t.test('with a key set', async (t) => {
  const [good, weak, forEncryption, exposed] = [ec(), rsa(1024), ec(), ec()]
  const secret = randomBytes(32)
  const provider = await jwksServer([
    jwk(good, { kid: 'good' }),
    jwk(weak, { kid: 'weak' }),
    jwk(forEncryption, { kid: 'encryption', use: 'enc' }),
    { ...exposed.privateKey.export({ format: 'jwk' }), kid: 'exposed' },
    { ...createSecretKey(secret).export({ format: 'jwk' }), kid: 'secret', alg: 'HS256' },
    jwk(rsa(), { kid: 'twin' }),
    jwk(mallory.rsa, { kid: 'twin' }),
    { kid: 'broken', kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' },
    { kid: 'nothing' },
  ])
  const trap = await jwksServer([jwk(mallory.ec, { kid: 'good' })])
  t.teardown(() => Promise.all([provider.close(), trap.close()]))

  const by = ({ privateKey }: Pair, header: Record<string, unknown>) => token(privateKey, header, claims())
  const ES256 = { alg: 'ES256', kid: 'good' }
  await refusesAll(t, { JWT_JWKS_URL: provider.url }, by(good, ES256), {
    'another key under a published name': by(mallory.ec, ES256),
    'the sender’s key in jwk': by(mallory.ec, { ...ES256, jwk: jwk(mallory.ec, { kid: 'good' }) }),
    'the sender’s key in jwk, unnamed': by(mallory.ec, { alg: 'ES256', jwk: jwk(mallory.ec) }),
    'the sender’s key set in jku': by(mallory.ec, { ...ES256, jku: trap.url }),
    'the sender’s certificate in x5u': by(mallory.ec, { ...ES256, x5u: trap.url }),
    'an unknown name': by(good, { alg: 'ES256', kid: 'other' }),
    'a number as the name': by(good, { alg: 'ES256', kid: 1 }),
    'null as the name': by(good, { alg: 'ES256', kid: null }),
    'a path as the name': by(good, { alg: 'ES256', kid: '../../dev/null' }),
    'a member of every object as the name': by(good, { alg: 'ES256', kid: '__proto__' }),
    'an RSA key of 1024 bits': by(weak, { alg: 'RS256', kid: 'weak' }),
    'a key for encryption': by(forEncryption, { alg: 'ES256', kid: 'encryption' }),
    'a private key that was published': by(exposed, { alg: 'ES256', kid: 'exposed' }),
    'a secret that was published': token(createSecretKey(secret), { alg: 'HS256', kid: 'secret' }, claims()),
    'a name that two keys have': by(mallory.rsa, { alg: 'RS256', kid: 'twin' }),
    'a key that is none': by(good, { alg: 'ES256', kid: 'broken' }),
    'a key without a type': by(good, { alg: 'ES256', kid: 'nothing' }),
    'RS256 under the name of an ES256 key': by(mallory.rsa, { alg: 'RS256', kid: 'good' }),
    'HS256 with a published key as the secret': token(
      publicPem(good),
      { alg: 'HS256', kid: 'good' },
      claims(),
    ),
    'HS256 with the published text as the secret': token(
      JSON.stringify(jwk(good, { kid: 'good' })),
      { alg: 'HS256', kid: 'good' },
      claims(),
    ),
    'alg none under a published name': by(good, { alg: 'none', kid: 'good' }),
    'an alg that is a member of every object': token(
      good.privateKey,
      { alg: 'constructor', kid: 'good' },
      claims(),
    ),
  })
  t.equal(trap.fetches, 0, 'no address in a token is ever visited')
  t.equal(provider.fetches, 1)
})

/** Every one is answered 401 with the challenge, and without a piece of it; the valid one shows that it could be 200. */
async function refusesAll(t: Test, env: NodeJS.ProcessEnv, valid: string, attacks: Attacks): Promise<void> {
  const { askWith, close } = await whoami(env)
  try {
    t.equal((await askWith(valid)).status, 200, 'a valid token is let in')
    for (const [name, attack] of Object.entries(attacks)) {
      const { status, challenge, body, text } = await askWith(attack)
      t.match({ status, challenge, body }, REFUSED, name)
      const echoed = attack.split('.').filter((part) => part.length > 4 && text.includes(part))
      t.same(echoed, [], `${name}: nothing of the token in the answer`)
    }
  } finally {
    await close()
  }
}

const REFUSED = {
  status: 401,
  challenge: 'Bearer error="invalid_token"',
  body: { code: 'unauthenticated', detail: /^[A-Z].*[.>]$/ },
}

function hmacWithDer(publicKey: KeyObject): string {
  return token(createSecretKey(publicKey.export({ type: 'spki', format: 'der' })), HS256, claims())
}
