import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { ed25519, now, publicPem } from '../support/keys.ts'
import { QUICK } from '../support/process.ts'
import { whoami } from '../support/whoami.ts'

const SECRET = randomBytes(32).toString('hex')

async function run(args: string[], env: NodeJS.ProcessEnv = { JWT_SECRET: SECRET }) {
  const script = fileURLToPath(new URL('../../src/cli/token.ts', import.meta.url))
  const child = spawn(process.execPath, [script, ...args], { env: { ...QUICK, ...env } })
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit])
  return { stdout, stderr, code }
}

function claimsOf(stdout: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(stdout.split('.')[1] ?? '', 'base64url').toString())
}

t.test(
  'prints a token, and nothing else, that the running service takes for the development secret',
  async (t) => {
    const env = { MUSTER_DATA_DIR: t.testdir() }
    const { stdout, stderr, code } = await run(['Alice@Example.com', '--name', 'Alice'], env)
    t.match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/)
    t.equal(stderr, '')
    t.equal(code, 0)

    const server = await whoami(env)
    t.teardown(server.close)
    t.match(await server.askWith(stdout.trim()), {
      status: 200,
      body: {
        type: 'user',
        id: 'alice@example.com',
        email: 'alice@example.com',
        emailVerified: true,
        name: 'Alice',
      },
    })
  },
)

t.test('a token lasts a day, or as long as is asked for', async (t) => {
  const lifetime = async (args: string[]) => {
    const { exp, iat } = claimsOf((await run(['alice@example.com', ...args])).stdout)
    t.ok(Math.abs(Number(iat) - now()) < 30)
    return Number(exp) - Number(iat)
  }
  t.equal(await lifetime([]), 86_400)
  t.equal(await lifetime(['--expires', '1h']), 3600)
  t.equal(await lifetime(['--expires', '90s']), 90)
})

t.test('a person may have another id and an unverified address', async (t) => {
  const { stdout } = await run(['bob@example.com', '--sub', 'user_7', '--unverified'])
  t.match(claimsOf(stdout), { sub: 'user_7', email: 'bob@example.com', email_verified: false })
})

t.test('a service has scopes and a name', async (t) => {
  const unnamed = claimsOf((await run(['--service', 'muster:write'])).stdout)
  t.match(unnamed, { sub: 'service', scope: 'muster:write' })
  t.notOk('email' in unnamed)

  const server = await whoami({ JWT_SECRET: SECRET })
  t.teardown(server.close)
  const { stdout } = await run(['billing', '--service', 'muster:read muster:check'])
  t.match(await server.askWith(stdout.trim()), {
    status: 200,
    body: { type: 'service', id: 'billing', scopes: ['muster:read', 'muster:check'] },
  })
})

t.test('a token carries the issuer and the audience that the service asks for', async (t) => {
  const env = { JWT_SECRET: SECRET, JWT_ISSUER: 'https://id.example.com/', JWT_AUDIENCE: 'muster' }
  const server = await whoami(env)
  t.teardown(server.close)
  const { stdout } = await run(['alice@example.com'], env)
  t.equal((await server.askWith(stdout.trim())).status, 200)
})

t.test('the rest of the environment need not be in order', async (t) => {
  t.match(await run(['alice@example.com'], { JWT_SECRET: SECRET, PORT: 'none', DATABASE_URL: 'none' }), {
    code: 0,
  })
})

t.test('without the key that signs, it says so', async (t) => {
  for (const env of [
    { JWT_PUBLIC_KEY: publicPem(ed25519()) },
    { JWT_JWKS_URL: 'https://id.example.com/jwks' },
  ]) {
    const { stdout, stderr, code } = await run(['alice@example.com'], env)
    t.equal(code, 1)
    t.equal(stdout, '')
    t.match(stderr, /cannot sign.*identity provider\.\n$/)
  }
  t.match(await run(['alice@example.com'], { NODE_ENV: 'production' }), {
    code: 1,
    stdout: '',
    stderr: /JWT_SECRET/,
  })
})

t.test('what cannot be meant is answered with the usage', async (t) => {
  const misuses = [
    [],
    ['alice'],
    ['alice@example.com', 'bob@example.com'],
    ['alice@example.com', '--expires', 'tomorrow'],
    ['alice@example.com', '--expires', '0s'],
    ['alice@example.com', '--admin'],
    ['--service', 'muster:everything'],
    ['--service', ''],
    ['billing', '--service', 'muster:read', '--unverified'],
  ]
  for (const args of misuses) {
    t.match(
      await run(args),
      { code: 2, stdout: '', stderr: /npm run token -- <email>/ },
      args.join(' ') || 'nothing',
    )
  }
})
