import { Client } from 'pg'
import t, { type Test } from 'tap'
import { PATIENCE } from '../../src/db/client.ts'
import { until } from '../jobs/scene.ts'
import { type Muster, type Reply, startMuster, withOrg } from '../support/muster.ts'
import { stopwatch } from '../support/stopwatch.ts'

t.test('what HTTP refuses is a problem document, whole and with nothing else in it', async (t) => {
  const { url } = await startMuster(t)
  const send = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(url + path, init)
    return { headers: response.headers, body: await response.json() }
  }
  const post = (body: string) =>
    send('/nothing', { method: 'POST', body, headers: { 'content-type': 'application/json' } })
  const refusals = [
    [
      await send('/nothing?email=a@b.example'),
      404,
      'route_not_found',
      'Route not found',
      'There is no GET /nothing. The routes are listed at /docs.',
    ],
    [await post('{'), 400, 'malformed_json', 'Malformed json', 'The body is not JSON (RFC 8259) in UTF-8.'],
    [
      await post('x'.repeat(65_537)),
      413,
      'payload_too_large',
      'Payload too large',
      'The body is larger than this route takes.',
    ],
  ] as const
  for (const [{ headers, body }, status, code, title, detail] of refusals) {
    t.same(
      body,
      {
        type: `urn:muster:problem:${code}`,
        title,
        status,
        detail,
        instance: '/nothing',
        code,
        requestId: headers.get('x-request-id'),
      },
      code,
    )
    t.equal(headers.get('content-type'), 'application/problem+json')
    t.equal(headers.get('cache-control'), 'no-store')
  }
  const malformed = await send('/orgs/%zz')
  t.match(malformed.body, {
    status: 400,
    code: 'malformed_url',
    requestId: malformed.headers.get('x-request-id'),
  })
})

t.test('a refused field is named, up to twenty of them', async (t) => {
  const { alice, path } = await withOrg(await startMuster(t))
  const { status, body } = await alice.patch(path, { name: '', slug: 'Not A Slug', 'a/b~c': 1 })
  t.equal(status, 400)
  t.same(body.errors, [
    { pointer: '/a~1b~0c', detail: 'is not a known field' },
    { pointer: '/name', detail: 'must NOT have fewer than 1 characters' },
    { pointer: '/name', detail: 'does not have the right form' },
    { pointer: '/slug', detail: 'does not have the right form' },
  ])
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`field${n}`, n]))
  t.equal((await alice.patch(path, many)).body.errors.length, 20)
})

t.test('while every connection of the pool is busy, a request is told to come back', async (t) => {
  const muster = await startMuster(t, { DATABASE_POOL_SIZE: '2' }, { patience: PATIENCE })
  const { alice } = await withOrg(muster)
  const held = [await muster.db.pool.connect(), await muster.db.pool.connect()]
  await isBusy(t, () => alice.get('/me'))
  await isBusy(t, () => alice.post('/orgs', { name: 'Later' }))
  for (const client of held) client.release()
  t.equal((await alice.get('/orgs')).body.data.length, 1, 'nothing happened, and it works again')
})

t.test('a statement that waits too long gives up, and so does its transaction', async (t) => {
  const muster = await startMuster(t, {}, { patience: PATIENCE })
  const { alice, path } = await withOrg(muster)
  const other = await connect(t, muster)
  await other.query('begin')
  await other.query('lock table members')
  await isBusy(t, () => alice.get(path))
  await isBusy(t, () => alice.post('/orgs', { name: 'Later' }, { 'idempotency-key': 'later' }))
  await other.query('rollback')
  t.equal((await alice.get('/orgs')).body.data.length, 1)
  t.equal((await alice.post('/orgs', { name: 'Later' }, { 'idempotency-key': 'later' })).status, 201)
})

t.test('connections that the database ends are replaced', async (t) => {
  const muster = await startMuster(t)
  const { alice } = await withOrg(muster)
  const other = await connect(t, muster)
  const endAll = () =>
    other.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`)

  await endAll()
  await until('they are gone', () => muster.db.pool.totalCount === 0)
  t.equal((await alice.get('/me')).status, 200, 'those at rest, without anybody seeing it')

  await other.query('begin')
  await other.query('lock table orgs')
  const interrupted = isBusy(t, () => alice.post('/orgs', { name: 'Interrupted' }))
  await until('it waits', async () => {
    const waiting = await other.query(`select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`)
    return waiting.rowCount === 1
  })
  await endAll()
  await interrupted
  await other.query('rollback')
  t.equal((await alice.get('/orgs')).body.data.length, 1, 'one at work has done nothing')
})

t.test('no page of another origin may read an answer, unless it is named', async (t) => {
  const { url } = await startMuster(t)
  const response = await fetch(`${url}/me`, { headers: { origin: 'https://app.example.com' } })
  t.equal(response.headers.get('access-control-allow-origin'), null)
  t.equal((await preflight(url, 'https://app.example.com')).status, 404)
})

t.test('pages of the origins in CORS_ORIGINS may call, and read what they need', async (t) => {
  const { url } = await startMuster(t, { CORS_ORIGINS: 'https://app.example.com,http://localhost:5173' })
  for (const origin of ['https://app.example.com', 'http://localhost:5173']) {
    const { status, headers } = await fetch(`${url}/me`, { headers: { origin } })
    t.equal(status, 401, 'a refusal can be read too')
    t.equal(headers.get('access-control-allow-origin'), origin)
    t.match(headers.get('vary'), /Origin/)
    t.match(headers.get('access-control-expose-headers'), /ETag.*Retry-After.*X-Request-Id/)
    t.equal(headers.get('access-control-allow-credentials'), null, 'no cookie is known here')

    const asked = await preflight(url, origin)
    t.equal(asked.status, 204)
    t.match(asked.headers.get('access-control-allow-methods'), /GET.*POST.*PUT.*PATCH.*DELETE/)
    t.equal(asked.headers.get('access-control-allow-headers'), ASKED)
  }
  for (const origin of [
    'https://evil.example',
    'https://app.example.com.evil.example',
    'null',
    'http://app.example.com',
  ])
    t.equal((await preflight(url, origin)).headers.get('access-control-allow-origin'), null, origin)
})

t.test('with CORS_ORIGINS=* every page may', async (t) => {
  const { url } = await startMuster(t, { CORS_ORIGINS: '*' })
  const { headers } = await fetch(`${url}/livez`, { headers: { origin: 'https://anywhere.example' } })
  t.equal(headers.get('access-control-allow-origin'), '*')
})

t.test('an OPTIONS that is no preflight gets no page of text', async (t) => {
  const { url } = await startMuster(t, { CORS_ORIGINS: '*' })
  const { status, headers } = await fetch(`${url}/me`, { method: 'OPTIONS' })
  if (status >= 400) t.equal(headers.get('content-type'), 'application/problem+json')
  else t.equal(status, 204)
})

const ASKED = 'authorization,content-type,idempotency-key,if-match'

function preflight(url: string, origin: string): Promise<Response> {
  const headers = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': ASKED,
  }
  return fetch(`${url}/orgs`, { method: 'OPTIONS', headers })
}

async function connect(t: Test, { databaseUrl }: Muster): Promise<Client> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  t.teardown(() => client.end())
  return client
}

/** 503 with `Retry-After`, within 2.5 s. */
async function isBusy(t: Test, ask: () => Promise<Reply>): Promise<void> {
  const clock = stopwatch()
  const { status, body, headers } = await ask()
  const took = clock()
  t.match({ status, body }, { status: 503, body: { code: 'unavailable', status: 503 } })
  t.match(headers.get('retry-after'), /^[1-9]\d*$/)
  t.ok(took < 2_500, `after ${Math.round(took)} ms`)
}
