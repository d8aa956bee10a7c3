import t from 'tap'
import { type Answer, type Door, isProblem, isWell, openDoor } from './door.ts'

const CODE = '7K3MQ-2ZV8R-TN4XW-DH5PA-9CJE'
const door: Door = await openDoor(t)

/** A request line and headers, as they are, from Alice. */
function request(line: string, headers: string[] = [], body = ''): Promise<Answer | null> {
  const all = [line, 'Host: muster', 'Authorization: Bearer TOKEN', 'Connection: close', ...headers]
  return door.sendBytes(`${all.join('\r\n')}\r\n\r\n${body}`)
}

t.test('what is not HTTP/1.1 is a malformed request', async (t) => {
  const bytes = [
    'hello\r\n\r\n',
    'GET\r\n\r\n',
    'GET /me HTTP/9.9\r\nHost: x\r\n\r\n',
    'GET /me HTTP/1.1\nHost: x\n\n',
    'get /me HTTP/1.1\r\nHost: x\r\n\r\n',
    'G\0T /me HTTP/1.1\r\nHost: x\r\n\r\n',
    'BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /m e HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET me HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /me HTTP/1.1\r\nHost x\r\n\r\n',
    'GET /me HTTP/1.1\r\nHost: x\r\nA: a\0b\r\n\r\n',
    'GET /me HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n',
    'GET /me HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
    'GET /me HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    'POST /orgs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  ]
  for (const each of bytes)
    isProblem(t, await door.sendBytes(each), 400, 'malformed_request', JSON.stringify(each))
})

t.test('a request that says its length in two ways is refused, as smuggling begins with one', async (t) => {
  const smuggled = '0\r\n\r\nGET /me HTTP/1.1\r\nHost: x\r\n\r\n'
  const ways = [
    ['Transfer-Encoding: chunked', 'Content-Length: 5'],
    ['Content-Length: 5', 'Transfer-Encoding: chunked'],
    ['Transfer-Encoding: chunked, identity'],
    ['Transfer-Encoding: xchunked'],
    ['Transfer-Encoding:\x0bchunked'],
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
  ]
  for (const headers of ways) {
    const answer = await request(
      'POST /orgs HTTP/1.1',
      ['Content-Type: application/json', ...headers],
      smuggled,
    )
    isProblem(t, answer, 400, 'malformed_request', headers.join(' + '))
  }
})

t.test('a request without a Host is malformed', async (t) => {
  isProblem(t, await door.sendBytes('GET /livez HTTP/1.1\r\n\r\n'), 400, 'malformed_request', 'HTTP/1.1')
  const { status } = (await door.sendBytes('GET /livez HTTP/1.0\r\n\r\n')) ?? {}
  t.equal(status, 200, 'HTTP/1.0 knows none')
})

t.test('16 KiB are enough for headers', async (t) => {
  const answer = await request('GET /me HTTP/1.1', [`X-Filling: ${'x'.repeat(16 * 1024)}`])
  isProblem(t, answer, 431, 'headers_too_large', 'one that is too long')
  const many = Array.from({ length: 3000 }, (_, n) => `X-${n}: x`)
  isProblem(t, await request('GET /me HTTP/1.1', many), 431, 'headers_too_large', 'three thousand')
  isProblem(t, await request(`GET /${'x'.repeat(17_000)} HTTP/1.1`), 431, 'headers_too_large', 'a URL')
  const { status } = (await request('GET /me HTTP/1.1', [`X-Filling: ${'x'.repeat(15 * 1024)}`])) ?? {}
  t.equal(status, 200, 'less than that is fine')
})

t.test('an absolute URL asks for its path (RFC 9112, 3.2.2)', async (t) => {
  t.match(await request('GET http://elsewhere.example/me HTTP/1.1'), { status: 200 })
  const { instance } = isProblem(
    t,
    await request('GET http://elsewhere.example/orgs/x HTTP/1.1'),
    400,
    'invalid_request',
    'refused',
  )
  t.equal(instance, '/orgs/x')
  for (const target of ['*', 'ftp://x/me', 'http://', 'http:///me', '//', '\\me', '/me\\..'])
    t.match(
      (await request(`GET ${target} HTTP/1.1`))?.status.toString(),
      /^(400|404)$/,
      `${target} is nothing to ask for`,
    )
})

t.test('a code is not said again, in whatever way its URL is written', async (t) => {
  const targets = [
    `/invitations/${CODE}`,
    `/%69nvitations/${CODE}`,
    `/invitation%73/${CODE}`,
    `http://elsewhere.example/invitations/${CODE}`,
    `HTTPS://u:p@elsewhere.example:80/invitations/${CODE}?x=1`,
    `/invitations/${CODE}#code=${CODE}`,
    `/invitations/${CODE}/nothing`,
    `/invitations/${CODE}%00`,
    `/invitations/${CODE}%zz`,
  ]
  for (const target of targets) {
    const answer = await request(`GET ${target} HTTP/1.1`)
    t.match(answer?.status.toString(), /^40[04]$/, target)
    t.notMatch(answer?.text, CODE)
  }
})

t.test('expectations are met, or passed over', async (t) => {
  const body = '{"name":"Patient"}'
  const headers = ['Content-Type: application/json', `Content-Length: ${body.length}`]
  for (const expected of ['100-continue', '200-ok', 'everything'])
    t.match(
      await request('POST /orgs HTTP/1.1', [...headers, `Expect: ${expected}`], body),
      { status: 201 },
      expected,
    )
})

t.test('nothing is upgraded, and nothing is tunnelled', async (t) => {
  const upgrade = [
    'Upgrade: websocket',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Version: 13',
  ]
  for (const each of [upgrade, ['Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__']]) {
    const text = [
      'GET /me HTTP/1.1',
      'Host: x',
      'Authorization: Bearer TOKEN',
      'Connection: Upgrade',
      ...each,
    ]
    t.match(await door.sendBytes(`${text.join('\r\n')}\r\n\r\n`), { status: 200 }, each.join())
  }
  const tunnel = await request('CONNECT example.com:443 HTTP/1.1')
  t.equal(tunnel, null, 'the connection is closed')
})

t.test('a body that breaks off changes nothing', async (t) => {
  const orgs = async () => (await door.muster.user('alice').get('/orgs')).body.data.length
  const before = await orgs()
  const { hostname, port } = new URL(door.muster.url)
  const { connect } = await import('node:net')
  for (const rest of ['{"name":"Half', '{"name":"Whole"}'])
    await new Promise<void>((resolve) => {
      const head = `POST /orgs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${door.token}\r\n`
      const fields = 'Content-Type: application/json\r\nContent-Length: 40\r\n\r\n'
      const socket = connect({ host: hostname, port: Number(port) }, () => {
        socket.write(head + fields + rest, () => socket.destroy())
      })
      socket.on('close', () => resolve())
    })
  t.equal(await orgs(), before)
})

t.test('a body in chunks is a body', async (t) => {
  const headers = ['Content-Type: application/json', 'Transfer-Encoding: chunked']
  const chunks = (parts: string[]) =>
    parts
      .map((part) => `${part.length.toString(16)}\r\n${part}\r\n`)
      .join('')
      .concat('0\r\n\r\n')
  const whole = await request('POST /orgs HTTP/1.1', headers, chunks(['{"name"', ':"Chunked"}']))
  t.match(whole, { status: 201 })
  const large = chunks(Array.from({ length: 70 }, () => ' '.repeat(1024)))
  isProblem(
    t,
    await request('POST /orgs HTTP/1.1', headers, large),
    413,
    'payload_too_large',
    '70 KiB of them',
  )
})

t.test('two requests on one connection are two', async (t) => {
  const first = `GET /orgs/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\nContent-Length: 4\r\n\r\nbody`
  isProblem(
    t,
    await door.sendBytes(`${first}GET /livez HTTP/1.1\r\nHost: x\r\n\r\n`),
    400,
    'invalid_request',
    'the first',
  )
})

t.test('after all of this the service is well', (t) => isWell(t, door))
