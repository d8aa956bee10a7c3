import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { Client } from 'pg'
import t, { type Test } from 'tap'
import { claims, token } from '../../support/keys.ts'
import { onDatabase, startProcess } from '../../support/process.ts'

const CODE = '7K3M-Q2ZV-8RTN-4XWD-H5PA-9CJE'

interface Line {
  readonly level: number
  readonly reqId?: string
  readonly req?: { readonly method: string; readonly url: string; readonly from: string }
  readonly res?: { readonly status: number }
  readonly responseTime?: number
  readonly err?: { readonly message: string; readonly stack: string }
  readonly msg: string
}

t.test(
  'each request is in the log under the id of its answer, with nothing that is not for a log',
  async (t) => {
    const muster = await startLogging(t)
    const requests = [
      ['GET', '/orgs?limit=5&cursor=nobody@example.com'],
      ['GET', `/invitations/${CODE}`],
      ['GET', `/invitations/${CODE.replaceAll('-', '').toLowerCase()}`],
      ['GET', '/invitations/7K3M-Q2ZV'],
      ['POST', `/invitations/${CODE.replaceAll('-', '%20')}/accept`],
      ['GET', `/nothing/${CODE}`],
      ['GET', '/orgs/%zz'],
    ] as const
    const answers: [id: string, status: number][] = []
    for (const [method, path] of requests) {
      const { status, headers, text } = await muster.send(method, path)
      t.match(headers.get('x-request-id'), /^[0-9a-f-]{36}$/, path)
      t.notMatch(text, /7K3M/i, 'the answer does not say a code again')
      answers.push([headers.get('x-request-id') ?? '', status])
    }
    t.equal(new Set(answers.map(([id]) => id)).size, requests.length, 'each has an id of its own')
    const { lines, all } = await muster.stop()

    for (const [n, [id, status]] of answers.entries()) {
      const [method, path] = requests[n] ?? []
      const ofRequest = lines.filter(({ reqId }) => reqId === id)
      const line = { level: 30, req: { method, from: '127.0.0.1' }, res: { status }, responseTime: Number }
      t.match(ofRequest, [{ ...line, msg: 'request completed' }], `${method} ${path}`)
      t.equal(ofRequest.length, 1, 'one line')
    }
    const urls = lines.flatMap(({ req }) => req?.url ?? [])
    t.same(urls, [
      '/orgs',
      ...Array(3).fill('/invitations/{code}'),
      '/invitations/{code}/accept',
      '/nothing/{code}',
      '/orgs/%zz',
    ])
    t.notMatch(all, /7K3M|Q2ZV/i, 'no code')
    t.notMatch(all, /nobody@example\.com|limit=5/, 'no query')
    for (const part of muster.token.split('.')) t.notOk(all.includes(part), 'no part of the token')
  },
)

t.test('a request that its caller gives up is in the log, without a status', async (t) => {
  const muster = await startLogging(t)
  await muster.send('PUT', '/me')
  const [locker, watcher] = [new Client(muster.databaseUrl), new Client(muster.databaseUrl)]
  await Promise.all([locker.connect(), watcher.connect()])
  await locker.query('begin; lock table orgs')
  const patience = new AbortController()
  const asked = muster.send('GET', '/orgs', patience.signal).catch(({ name }) => name)
  const waiting =
    "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
  while ((await watcher.query(waiting)).rowCount === 0);
  patience.abort()
  t.equal(await asked, 'AbortError')
  await muster.says(/request aborted/)
  await Promise.all([locker.end(), watcher.end()])

  const { lines } = await muster.stop()
  const ofRequest = lines.filter(({ req }) => req?.url === '/orgs')
  t.match(ofRequest, [{ level: 30, req: { method: 'GET' }, responseTime: Number, msg: 'request aborted' }])
  t.equal(ofRequest[0]?.res, undefined)
})

t.test('the arrival of a request is in the log at debug', async (t) => {
  const muster = await startLogging(t, 'debug')
  const { headers } = await muster.send('GET', '/orgs')
  const id = headers.get('x-request-id')
  const { lines } = await muster.stop()
  t.match(
    lines.filter(({ reqId }) => reqId === id),
    [
      { level: 20, req: { method: 'GET', url: '/orgs' }, msg: 'incoming request' },
      { level: 30, req: { method: 'GET', url: '/orgs' }, res: { status: 200 }, msg: 'request completed' },
    ],
  )
})

t.test('what is not HTTP is in the log under the requestId of its answer', async (t) => {
  const muster = await startLogging(t)
  const { hostname, port } = new URL(muster.url)
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write('hello\r\n\r\n'))
    socket.setEncoding('utf8').once('data', (text) => resolve(String(text)))
  })
  const { requestId } = JSON.parse(answer.split('\r\n\r\n')[1] ?? '{}')
  const { lines } = await muster.stop()
  t.match(
    lines.filter(({ reqId }) => reqId === requestId),
    [{ msg: 'malformed_request' }],
  )
})

t.test(
  'a mistake of the service is a 500 that tells nothing, and an error in the log that tells why',
  async (t) => {
    const muster = await startLogging(t)
    t.equal((await muster.send('PUT', '/me')).status, 201)
    const client = new Client({ connectionString: muster.databaseUrl })
    await client.connect()
    await client.query('alter table orgs rename column name to title').finally(() => client.end())

    const { status, headers, text } = await muster.send('GET', '/me')
    t.equal(status, 500)
    t.equal(headers.get('content-type'), 'application/problem+json')
    const problem = JSON.parse(text)
    t.same(problem, {
      type: 'urn:muster:problem:internal_error',
      title: 'Internal error',
      status: 500,
      detail: 'Something went wrong here. It is in the log under the requestId.',
      instance: '/me',
      code: 'internal_error',
      requestId: headers.get('x-request-id'),
    })
    t.equal((await muster.send('GET', '/livez')).status, 200, 'the service lives on')

    const { lines, all } = await muster.stop()
    const error = lines.find(({ level, reqId }) => level === 50 && reqId === problem.requestId)
    t.match(error, { msg: 'internal_error', err: { message: /^Failed query: select/ } })
    t.match(error?.err, { cause: { message: 'column orgs.name does not exist', code: '42703' } })
    t.match(error?.err?.stack, /profiles\.ts:\d+/, 'with where it happened')
    t.notMatch(all, 'alice@private.example', 'and without the parameters of the statement')
  },
)

/** A Muster of its own whose log can be read when it has stopped. */
async function startLogging(t: Test, level = 'info') {
  const env = await onDatabase(t)
  const muster = startProcess(t, {
    ...env,
    LOG_LEVEL: level,
    MUSTER_DATA_DIR: t.testdir(),
    APP_URL: 'https://app.example.com/join',
  })
  const url = await muster.url
  const alice = { sub: `alice-${randomUUID()}`, email: 'alice@private.example', email_verified: true }
  const bearer = token(env.JWT_SECRET, { alg: 'HS256' }, claims(alice))
  const send = async (method: string, path: string, signal: AbortSignal | null = null) => {
    const headers = { authorization: `Bearer ${bearer}` }
    const response = await fetch(url + path, { method, headers, signal })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  const stop = async () => {
    muster.kill('SIGTERM')
    const { stdout } = await muster.ended
    const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
    return { all: stdout, lines: lines.map((line): Line => JSON.parse(line)) }
  }
  return { url, token: bearer, databaseUrl: env.DATABASE_URL, says: muster.says, send, stop }
}
