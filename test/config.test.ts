import { spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { type Config, ConfigError, loadConfig, loadJwt } from '../src/config.ts'
import { ec, ed25519, privatePem, publicPem, rsa } from './support/keys.ts'

const SECRET = randomBytes(32).toString('hex')
const KEY = randomBytes(32).toString('hex')
const IN_PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://muster:pw@db.internal/muster',
  JWT_SECRET: SECRET,
  APP_URL: 'https://app.example.com/join',
  SECRETS_KEY: KEY,
}

function config(env: NodeJS.ProcessEnv): Config {
  return loadConfig({ JWT_SECRET: SECRET, ...env })
}

function problems(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

function problemsWith(env: NodeJS.ProcessEnv): readonly string[] {
  return problems({ JWT_SECRET: SECRET, ...env })
}

t.test('an empty environment is a complete development configuration', async (t) => {
  const { jwt, ...rest } = loadConfig({ MUSTER_DATA_DIR: t.testdir() })
  t.equal(jwt.kind, 'secret')
  t.match(rest, {
    production: false,
    host: '127.0.0.1',
    port: 3000,
    databaseUrl: null,
    poolSize: 10,
    requestsAtOnce: 40,
    mail: { smtpUrl: null, from: { name: '', address: 'no-reply@localhost' } },
    appUrl: 'http://localhost:3000/join',
    personalOrg: 'always',
    logLevel: 'info',
    trustProxy: false,
    corsOrigins: [],
    limits: {
      resendsPerMinute: 1,
      resendsPerDay: 5,
      invitationsPerTenMinutes: 30,
      pendingPerOrg: 500,
      mailsPerAddressPerDay: 10,
      wrongCodesPerMinute: 10,
    },
    eventsKeptDays: null,
    webhooks: { allowPrivate: false, most: 50 },
  })
  const [key] = rest.webhooks.keys
  t.equal(key.symmetricKeySize, 32)
  const again = loadConfig({ MUSTER_DATA_DIR: t.testdirName })
  t.ok(key.equals(again.webhooks.keys[0]), 'made once, and kept')
})

t.test('an empty variable is an unset one', async (t) => {
  const names = [
    'PORT',
    'HOST',
    'DATABASE_URL',
    'JWT_PUBLIC_KEY',
    'JWT_ISSUER',
    'SMTP_URL',
    'APP_URL',
    'TRUST_PROXY',
  ]
  const empty = Object.fromEntries(names.map((name) => [name, '']))
  t.same(config(empty), config({}))
})

t.test('what is set is what is used', async (t) => {
  const set = config({
    PORT: '0',
    HOST: '0.0.0.0',
    MUSTER_DATA_DIR: '/var/lib/muster',
    DATABASE_URL: 'postgresql:///muster?host=/run/postgresql',
    DATABASE_POOL_SIZE: '25',
    REQUESTS_AT_ONCE: '7',
    JWT_ISSUER: 'https://id.example.com/',
    JWT_AUDIENCE: 'muster',
    SMTP_URL: 'smtps://user:p%40ss@mail.example.com',
    MAIL_FROM: '"Muster, Inc." <No-Reply@Example.com>',
    APP_URL: 'https://app.example.com/join?from=mail',
    PERSONAL_ORG: 'never',
    LOG_LEVEL: 'silent',
    CORS_ORIGINS: 'https://app.example.com, http://localhost:5173',
    LIMIT_PENDING_PER_ORG: '7',
    LIMIT_WEBHOOKS: '3',
    EVENTS_KEEP_DAYS: '400',
    WEBHOOK_ALLOW_PRIVATE: 'true',
    SECRETS_KEY: `${KEY}, ${SECRET}`,
  })
  t.match(set, {
    port: 0,
    host: '0.0.0.0',
    dataDir: '/var/lib/muster',
    databaseUrl: 'postgresql:///muster?host=/run/postgresql',
    poolSize: 25,
    requestsAtOnce: 7,
    jwt: { kind: 'secret', secret: SECRET, issuer: 'https://id.example.com/', audience: 'muster' },
    mail: {
      smtpUrl: 'smtps://user:p%40ss@mail.example.com',
      from: { name: 'Muster, Inc.', address: 'no-reply@example.com' },
    },
    appUrl: 'https://app.example.com/join?from=mail',
    personalOrg: 'never',
    logLevel: 'silent',
    corsOrigins: ['https://app.example.com', 'http://localhost:5173'],
    limits: { pendingPerOrg: 7 },
    eventsKeptDays: 400,
    webhooks: { allowPrivate: true, most: 3 },
  })
  t.same(
    set.webhooks.keys.map((key) => key.export().toString('hex')),
    [KEY, SECRET],
    'the first one encrypts',
  )
})

t.test('a configuration cannot be changed, however deep', async (t) => {
  const frozen = config({ CORS_ORIGINS: 'https://app.example.com' })
  for (const part of [frozen, frozen.jwt, frozen.mail, frozen.mail.from, frozen.limits, frozen.corsOrigins]) {
    t.ok(Object.isFrozen(part))
  }
})

t.test('all problems are told at once, by name', async (t) => {
  const told = problems({ NODE_ENV: 'production', PORT: '70000', LOG_LEVEL: 'loud', MAIL_FROM: 'nobody' })
  const names = ['APP_URL', 'DATABASE_URL', 'JWT_SECRET', 'SECRETS_KEY', 'PORT', 'LOG_LEVEL', 'MAIL_FROM']
  for (const name of names) {
    t.equal(told.filter((problem) => problem.startsWith(name)).length, 1, name)
  }
  t.equal(told.length, names.length)
  t.match(new ConfigError(told).message, /PORT must be a whole number from 0 to 65535\./)
})

t.test('production needs a database, keys and the address of the application', async (t) => {
  t.same(problems(IN_PRODUCTION), [])
  for (const name of ['DATABASE_URL', 'JWT_SECRET', 'APP_URL', 'SECRETS_KEY'] as const) {
    const { [name]: _, ...without } = IN_PRODUCTION
    const dataDir = join(t.testdir(), 'data')
    t.match(problems({ ...without, MUSTER_DATA_DIR: dataDir }), [new RegExp(`^${name}`)], name)
    t.notOk(existsSync(dataDir), 'and no development secret is made')
  }
})

t.test('a value that does not fit is refused', async (t) => {
  const misfits: Record<string, string[]> = {
    PORT: ['-1', '65536', '3000.5', '0x10', '1e3', 'http'],
    HOST: ['http://localhost', 'a b'],
    DATABASE_URL: ['mysql://db/muster', 'db.internal', 'postgres://user:p#ss@db/muster'],
    DATABASE_POOL_SIZE: ['0', '1001', 'many'],
    REQUESTS_AT_ONCE: ['0', '100001', 'all'],
    SMTP_URL: ['http://mail.example.com', 'mail.example.com:25', 'smtp://'],
    MAIL_FROM: [
      'Muster',
      'a@b',
      'x@example.com, y@example.com',
      'A <x@example.com> <y@example.com>',
      'A\nB <x@example.com>',
    ],
    APP_URL: [
      'app.example.com',
      'javascript:alert(1)',
      'https://a.example/#x',
      'https://a.example/#',
      'https://u:p@a.example/',
    ],
    PERSONAL_ORG: ['yes', 'Always'],
    LOG_LEVEL: ['verbose'],
    TRUST_PROXY: [
      'yes',
      '-1',
      '100',
      '10.0.0.0/33',
      '::1/129',
      '0.0.0.0/0',
      '10.0.0.0/8/8',
      '10.0.0.1, proxy',
    ],
    CORS_ORIGINS: [
      'https://a.example/',
      'a.example',
      'HTTPS://A.example',
      'https://*.a.example/x',
      '*, https://a.example',
      'null',
    ],
    LIMIT_RESENDS_PER_MINUTE: ['0', '-1', '1.5', '1000001'],
    LIMIT_WEBHOOKS: ['0', 'many'],
    EVENTS_KEEP_DAYS: ['0', '6', '-1', 'for ever', '36501'],
    WEBHOOK_ALLOW_PRIVATE: ['yes', '1'],
    SECRETS_KEY: [
      'secret',
      '0'.repeat(64),
      KEY.slice(1),
      `${KEY}0`,
      `${KEY},x`,
      Buffer.from(KEY, 'hex').toString('base64'),
    ],
  }
  for (const [name, values] of Object.entries(misfits)) {
    for (const value of values)
      t.match(problemsWith({ [name]: value }), [new RegExp(`^${name} `)], `${name}=${value}`)
  }
})

t.test('the application is linked over TLS in production, except on this machine', async (t) => {
  const inProduction = (appUrl: string) => problems({ ...IN_PRODUCTION, APP_URL: appUrl }).length
  t.equal(inProduction('http://app.example.com/'), 1)
  t.equal(inProduction('http://127.0.0.1.example.com/'), 1)
  t.equal(inProduction('http://localhost:8080/join'), 0)
  t.equal(inProduction('http://127.0.0.1/join'), 0)
  t.equal(inProduction('http://[::1]/join'), 0)
  t.equal(config({ APP_URL: 'http://app.example.com/' }).appUrl, 'http://app.example.com/')
})

t.test('mail comes from where MAIL_FROM says, or from the host of the application', async (t) => {
  const sender = (env: NodeJS.ProcessEnv) => config(env).mail.from
  t.same(sender({ APP_URL: 'https://app.example.com/join' }), {
    name: '',
    address: 'no-reply@app.example.com',
  })
  t.same(sender({ APP_URL: 'http://127.0.0.1:3000/' }), { name: '', address: 'no-reply@localhost' })
  t.same(sender({ MAIL_FROM: 'hi@example.com' }), { name: '', address: 'hi@example.com' })
  t.same(sender({ MAIL_FROM: 'Zoë & Co <hi@example.com>' }), { name: 'Zoë & Co', address: 'hi@example.com' })
  t.same(sender({ MAIL_FROM: '"A \\"B\\" C" <hi@example.com>' }), {
    name: 'A "B" C',
    address: 'hi@example.com',
  })
})

t.test('a proxy is trusted by address, by distance or altogether', async (t) => {
  t.equal(config({ TRUST_PROXY: 'false' }).trustProxy, false)
  t.equal(config({ TRUST_PROXY: 'true' }).trustProxy, true)
  t.equal(
    config({ TRUST_PROXY: '10.0.0.0/8, fd00::/8 ,192.0.2.7' }).trustProxy,
    '10.0.0.0/8,fd00::/8,192.0.2.7',
  )
  const { trustProxy } = config({ TRUST_PROXY: '2' })
  t.same(typeof trustProxy === 'function' && [0, 1, 2].map((hop) => trustProxy('192.0.2.7', hop)), [
    true,
    true,
    false,
  ])
})

t.test('every origin is let in only when asked for', async (t) => {
  t.equal(config({ CORS_ORIGINS: '*' }).corsOrigins, '*')
})

t.test('a secret must be one', async (t) => {
  const told = (secret: string) => problems({ JWT_SECRET: secret })
  t.match(told('s3cret'), [/^JWT_SECRET is shorter than 32 bytes/])
  t.match(told(randomBytes(16).toString('base64url')), [/shorter than 32 bytes/])
  t.same(told('ü8sPqK2mXz7Lw4Rt9Vb1Nc6Yd3Hf5Gj'), [], '31 characters, 32 bytes')
  t.match(told(publicPem(ed25519())), [/JWT_PUBLIC_KEY/])
  t.match(told(privatePem(ed25519())), [/JWT_PUBLIC_KEY/])
  t.match(told(JSON.stringify(ed25519().publicKey.export({ format: 'jwk' }))), [/JWT_PUBLIC_KEY/])
  t.same(told(randomBytes(32).toString('base64')), [])
})

t.test('a secret that anybody could guess is one for development only', async (t) => {
  const inProduction = (JWT_SECRET: string) => problems({ ...IN_PRODUCTION, JWT_SECRET })
  for (const [secret, told] of [
    ['a'.repeat(64), /too regular/],
    ['abcdefghij'.repeat(5), /too regular/],
    ['change-me-to-32-random-bytes-or-more', /placeholder/],
    ['super-secret-jwt-token-with-at-least-32-characters-long', /placeholder/],
  ] as const) {
    t.match(inProduction(secret), [told])
    t.same(problems({ JWT_SECRET: secret }), [])
  }
  t.same(inProduction(randomBytes(32).toString('base64')), [])
})

t.test('no problem repeats a secret', async (t) => {
  const { message } = new ConfigError(
    problems({
      JWT_SECRET: 'hunter2',
      JWT_PUBLIC_KEY: 'hunter2',
      DATABASE_URL: 'mysql://muster:hunter2@db/muster',
      SMTP_URL: 'imap://muster:hunter2@mail',
      APP_URL: 'https://muster:hunter2@app.example.com',
    }),
  )
  t.match(message, /JWT_SECRET.*DATABASE_URL|DATABASE_URL.*JWT_SECRET/s)
  t.notMatch(message, 'hunter2')
})

t.test('a public key decides the algorithm', async (t) => {
  const jwtOf = (pem: string) => loadJwt({ JWT_PUBLIC_KEY: pem })
  t.match(jwtOf(publicPem(rsa())), { kind: 'public-key', algorithm: 'RS256' })
  t.match(jwtOf(publicPem(ec())), { kind: 'public-key', algorithm: 'ES256' })
  t.match(jwtOf(publicPem(ed25519())), { kind: 'public-key', algorithm: 'EdDSA' })
})

t.test('a public key may stand on one line, with its line ends written out', async (t) => {
  const pem = publicPem(ec())
  t.same(loadJwt({ JWT_PUBLIC_KEY: pem.replaceAll('\n', '\\n') }), loadJwt({ JWT_PUBLIC_KEY: pem }))
})

t.test('a key that Muster should not verify with is refused, with the reason', async (t) => {
  const told = (pem: string) => problems({ JWT_PUBLIC_KEY: pem })
  t.match(told(privatePem(rsa())), [/^JWT_PUBLIC_KEY holds a private key/])
  t.match(told(publicPem(rsa(1024))), [/RSA key of 1024 bits/])
  t.match(told(publicPem(ec('P-384'))), [/curve secp384r1/])
  t.match(told(publicPem(ec('secp256k1'))), [/curve secp256k1/])
  t.match(told(publicPem(generateKeyPairSync('ed448'))), [/type ed448/])
  t.match(told(publicPem(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }))), [/type rsa-pss/])
  t.match(told('-----BEGIN PUBLIC KEY-----\nMFkwEw\n-----END PUBLIC KEY-----'), [/cannot be read/])
  t.match(told(publicPem(ec()) + publicPem(ec())), [/must be one PEM public key/])
  t.match(told(SECRET), [/must be one PEM public key/])
})

t.test('a key set is fetched over TLS, except in development and from this machine', async (t) => {
  const development = (url: string) => problems({ JWT_JWKS_URL: url })
  const production = (url: string) => problems({ ...IN_PRODUCTION, JWT_SECRET: '', JWT_JWKS_URL: url })
  t.match(loadJwt({ JWT_JWKS_URL: 'https://id.example.com/jwks' }), {
    kind: 'jwks',
    url: 'https://id.example.com/jwks',
  })
  t.same(development('http://keycloak:8080/certs'), [])
  t.match(production('http://keycloak:8080/certs'), [/^JWT_JWKS_URL must begin with https/])
  t.same(production('http://127.0.0.1:8080/certs'), [])
  t.match(production('https://u:p@id.example.com/jwks'), [/user name or password/])
  t.match(development('file:///etc/jwks.json'), [/^JWT_JWKS_URL must be a URL/])
})

t.test('two ways to verify are one too many', async (t) => {
  const told = problems({ JWT_SECRET: SECRET, JWT_JWKS_URL: 'https://id.example.com/jwks' })
  t.match(told, [/^JWT_SECRET and JWT_JWKS_URL are set together/])
})

t.test('the development secret is made once and readable by its owner alone', async (t) => {
  const dataDir = join(t.testdir(), 'not', 'there', 'yet')
  const first = loadJwt({ MUSTER_DATA_DIR: dataDir })
  const path = join(dataDir, 'jwt-secret')
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.match(first, { kind: 'secret', secret: readFileSync(path, 'utf8').trim() })
  t.same(loadJwt({ MUSTER_DATA_DIR: dataDir }), first)
})

t.test('a damaged development secret is reported, not used', async (t) => {
  const dataDir = t.testdir()
  writeFileSync(join(dataDir, 'jwt-secret'), '')
  t.match(problems({ MUSTER_DATA_DIR: dataDir }), [/^MUSTER_DATA_DIR .*jwt-secret is damaged/])
})

t.test('processes that start for the first time at once agree on the development secret', async (t) => {
  const dataDir = join(t.testdir(), 'data')
  const config = new URL('../src/config.ts', import.meta.url).href
  const script = `
    const { loadJwt } = await import('${config}')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${Date.now() + 1500} - Date.now())
    console.log(loadJwt({ MUSTER_DATA_DIR: ${JSON.stringify(dataDir)} }).secret)`
  const starts = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script]),
  )
  const secrets = await Promise.all(starts.map(({ stdout }) => text(stdout)))
  t.match(secrets[0], /^[0-9a-f]{64}\n$/)
  t.equal(new Set(secrets).size, 1)
})
