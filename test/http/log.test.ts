import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { Client } from 'pg'
import t, { type Test } from 'tap'
import { claims, token } from '../support/keys.ts'
import { onDatabase, startProcess } from '../support/process.ts'

// Fastify answers it before it logs answers.
const UNREADABLE = '/orgs/%zz'
const CODE = '7K3M-Q2ZV-8RTN-4XWD-H5PA-9CJE'

interface Line {
  readonly level: number
  readonly reqId?: string
  readonly req?: { readonly method: string; readonly url: string }
  readonly res?: { readonly status: number }
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
      ['GET', UNREADABLE],
    ] as const
    const ids: string[] = []
    for (const [method, path] of requests) {
      const { headers, text } = await muster.send(method, path)
      t.match(headers.get('x-request-id'), /^[0-9a-f-]{36}$/, path)
      t.notMatch(text, /7K3M/i, 'the answer does not say a code again')
      ids.push(headers.get('x-request-id') ?? '')
    }
    const { lines, all } = await muster.stop()

    for (const [n, id] of ids.entries()) {
      const [method, path] = requests[n] ?? []
      const ofRequest = lines.filter(({ reqId }) => reqId === id)
      const answered = path === UNREADABLE ? [] : [{ res: { status: Number } }]
      t.match(ofRequest, [{ req: { method } }, ...answered], `${method} ${path}`)
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
async function startLogging(t: Test) {
  const env = await onDatabase(t)
  const muster = startProcess(t, {
    ...env,
    LOG_LEVEL: 'info',
    MUSTER_DATA_DIR: t.testdir(),
    APP_URL: 'https://app.example.com/join',
  })
  const url = await muster.url
  const alice = { sub: `alice-${randomUUID()}`, email: 'alice@private.example', email_verified: true }
  const bearer = token(env.JWT_SECRET, { alg: 'HS256' }, claims(alice))
  const send = async (method: string, path: string) => {
    const response = await fetch(url + path, { method, headers: { authorization: `Bearer ${bearer}` } })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  const stop = async () => {
    muster.kill('SIGTERM')
    const { stdout } = await muster.ended
    const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
    return { all: stdout, lines: lines.map((line): Line => JSON.parse(line)) }
  }
  return { url, token: bearer, databaseUrl: env.DATABASE_URL, send, stop }
}
