import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { until } from './jobs/scene.ts'
import { alicesOrg, bearer, onDatabase, QUICK, startProcess } from './support/process.ts'
import { door } from './support/sockets.ts'

t.test('without any setting it runs on a PostgreSQL of its own and says where all is', async (t) => {
  const env = { MUSTER_DATA_DIR: t.testdir() }
  const muster = startProcess(t, env)
  const url = await muster.url
  const [banner] = await muster.says(/Muster is running at [\s\S]*npm run demo/)
  t.match(banner, `Swagger UI   ${url}/docs`)
  t.match(banner, 'npm run token -- alice@example.com')
  t.match(banner, `Mail goes to ${join(env.MUSTER_DATA_DIR, 'mail')}`)
  t.match(banner, `embedded PostgreSQL in ${env.MUSTER_DATA_DIR}`)

  const signed = await run('cli/token.ts', ['alice@example.com'], env)
  t.equal((await fetch(`${url}/docs`)).status, 200)
  t.equal((await fetch(`${url}/me`, { method: 'PUT', headers: bearer(signed.trim()) })).status, 201)

  const second = await startProcess(t, env).ended
  t.equal(second.exit, 1)
  t.match(second.stderr, /^Muster already runs in .* with pid \d+\.\n$/)

  muster.kill('SIGINT')
  t.equal((await muster.ended).exit, 0)
  t.notOk(serverLeft(env.MUSTER_DATA_DIR), 'its PostgreSQL has stopped')
})

t.test('a signal during the start is obeyed, and nothing is left running', async (t) => {
  const dataDir = t.testdir()
  const muster = startProcess(t, { MUSTER_DATA_DIR: dataDir })
  await muster.says(/Making a PostgreSQL database cluster/)
  muster.kill('SIGTERM')
  t.equal((await muster.ended).exit, 0)
  t.notOk(serverLeft(dataDir), 'its PostgreSQL has stopped')
})

t.test('in production it writes only log lines, and listens where it is told to', async (t) => {
  const muster = startProcess(t, {
    ...(await onDatabase(t)),
    NODE_ENV: 'production',
    APP_URL: 'https://app.example.com/join',
    SECRETS_KEY: randomBytes(32).toString('hex'),
  })
  t.equal((await fetch(`${await muster.url}/readyz`)).status, 200)
  muster.kill('SIGTERM')
  const { exit, stdout, stderr } = await muster.ended
  t.equal(exit, 0)
  t.equal(stderr, '')
  for (const line of stdout.trim().split('\n')) t.match(JSON.parse(line), { msg: String })
})

t.test('it starts while the database is away, and serves and mails as soon as it is there', async (t) => {
  const env = await onDatabase(t)
  const dataDir = t.testdir()
  const { port, open } = await door(t, env.DATABASE_URL)
  const DATABASE_URL = env.DATABASE_URL.replace(/:\d+\//, `:${port}/`)
  const muster = startProcess(t, { ...env, DATABASE_URL, MUSTER_DATA_DIR: dataDir })
  const url = await muster.url
  t.equal((await fetch(`${url}/livez`)).status, 200)
  const away = await fetch(`${url}/readyz`)
  t.equal(away.status, 503)
  t.equal(away.headers.get('retry-after'), '1')
  t.match(await away.json(), { code: 'unavailable' })

  await open()
  await until('it is ready', async () => (await fetch(`${url}/readyz`)).ok)
  const { org, call } = await alicesOrg(url)
  await call('POST', `${org}/invitations`, { email: 'bob@example.com' })
  await muster.says(/a mail was written/)
})

t.test('an environment that does not fit is refused in plain sentences', async (t) => {
  const refusals: [Record<string, string>, ...RegExp[]][] = [
    [
      { NODE_ENV: 'production' },
      /^ {2}DATABASE_URL must be set when NODE_ENV=production: /m,
      /^ {2}APP_URL must be set when NODE_ENV=production: /m,
      /^ {2}SECRETS_KEY must be set when NODE_ENV=production: /m,
      /^ {2}JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL must be set when NODE_ENV=production: /m,
    ],
    [
      { NODE_ENV: 'production', JWT_SECRET: 'secret' },
      /^ {2}JWT_SECRET is shorter than 32 bytes\. Make one with: openssl rand -hex 32$/m,
    ],
    [
      { DATABASE_URL: 'mysql://127.0.0.1/muster' },
      /^ {2}DATABASE_URL must be a URL that begins with postgres/m,
    ],
  ]
  for (const [env, ...reasons] of refusals) {
    const { exit, stdout, stderr } = await startProcess(t, { MUSTER_DATA_DIR: t.testdirName, ...env }).ended
    t.equal(exit, 1)
    t.equal(stdout, '')
    for (const reason of reasons) t.match(stderr, reason)
    t.notMatch(stderr, /^ +at /m, 'no stack')
  }
})

t.test('a port that is taken is said in one sentence', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  t.teardown(() => other.close())
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const muster = startProcess(t, { ...(await onDatabase(t)), PORT: String(port) })
  t.match(await muster.ended, {
    exit: 1,
    stderr: `Cannot listen on 127.0.0.1, port ${port}: address already in use. Set PORT or HOST.\n`,
  })
})

async function run(script: string, args: string[], env: Record<string, string>): Promise<string> {
  const file = fileURLToPath(new URL(`../src/${script}`, import.meta.url))
  return (await promisify(execFile)(process.execPath, [file, ...args], { env: { ...QUICK, ...env } })).stdout
}

function serverLeft(dataDir: string): boolean {
  return existsSync(join(dataDir, 'postgres', 'data', 'postmaster.pid'))
}
