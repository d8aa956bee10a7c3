import { execFile } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { lookup } from 'node:dns'
import { once } from 'node:events'
import { createServer as createHttp, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, createServer, type LookupFunction, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { setDefaultCACertificates, type TLSSocket, type TlsOptions } from 'node:tls'
import { inspect, promisify } from 'node:util'
import t, { type Test } from 'tap'
import { type EgressReason, type EgressSettings, openEgress } from '../../../src/jobs/webhooks/egress.ts'

// In the form of an address of the internet, from a block that nobody was given: no packet to it arrives anywhere.
const NOBODY = '2d00::1'
const NAME = 'hooks.example.com'

const [YESTERDAY, TOMORROW] = [-1, 1].map((days) => new Date(Date.now() + days * 86_400_000))
const good = certify(NAME, TOMORROW)
const expired = certify(NAME, YESTERDAY)
const unknown = certify(NAME, TOMORROW)
setDefaultCACertificates([good.cert, expired.cert])

t.test('the body arrives as it is, byte for byte, with the headers given and few others', async (t) => {
  const { port, requests } = await serve(t, (_, response) => response.writeHead(204).end())
  const body = JSON.stringify({ name: 'Ünïcode 名前 👨‍👩‍👧‍👦\u2028', line: '\r\n\0' })
  const headers = { 'content-type': 'application/json', 'webhook-id': 'msg_1' }
  t.same(await open(t).post(`http://127.0.0.1:${port}/in?a=b%20c`, headers, body), {
    status: 204,
    retryAfter: null,
  })
  const [request, ...others] = requests
  t.same(others, [])
  t.match(request, { method: 'POST', url: '/in?a=b%20c', body: Buffer.from(body) })
  t.same(request?.headers, {
    ...headers,
    'content-length': `${Buffer.byteLength(body)}`,
    'user-agent': 'Muster-Webhooks',
    host: `127.0.0.1:${port}`,
    connection: 'close',
  })
})

t.test('no spelling of an address that is not public leads anywhere', async (t) => {
  const { port, connections } = await listenTwice(t)
  const hosts =
    '127.0.0.1 127.1 0x7f.1 0x7f000001 2130706433 0177.0.0.1 127.0.0.1. 127.0.0.1.. １２７.0.0.1 127。0。0。1 ' +
    '%31%32%37.0.0.1 127%2e1 0.0.0.0 0 127.255.255.254 [::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] [::7f00:1] ' +
    '[64:ff9b::] [64:ff9b::127.0.0.1] [64:ff9b:1::1] [2002:7f00:1::] [fd00::1] [fe80::1] [fe80::1%25lo] ' +
    '10.0.0.1 100.64.0.1 169.254.169.254 172.16.0.1 192.0.2.1 192.168.0.1 198.18.0.1 224.0.0.1 255.255.255.255 ' +
    'localhost localhost. LOCALHOST a.localhost ⓛocalhost'
  const egress = open(t, { allowPrivate: false, timeout: 3_000, lookup })
  for (const host of hosts.split(' '))
    await fails(t, egress.post(`https://${host}:${port}/`, {}, '{}'), 'address_not_allowed', host)
  t.equal(connections.length, 0, 'nobody connected')
})

t.test('a name that stands for an address that is not public leads nowhere', async (t) => {
  const { port, connections } = await listenTwice(t)
  const addresses =
    '127.0.0.1 127.8.8.8 0.0.0.0 ::1 :: ::ffff:127.0.0.1 ::ffff:7f00:1 ::7f00:1 64:ff9b::7f00:1 64:ff9b:1::1 ' +
    '2002:7f00:1:: fd00::1 fe80::1%lo 10.0.0.1 100.64.0.1 169.254.169.254 172.16.0.1 192.0.2.1 192.168.0.1 198.18.0.1'
  const mixed = [`${NOBODY} 127.0.0.1`, `127.0.0.1 ${NOBODY}`, `${NOBODY} 8.8.8.8 ::1`]
  for (const answer of [
    ...addresses.split(' ').map((address) => [address]),
    ...mixed.map((list) => list.split(' ')),
  ]) {
    const egress = open(t, { allowPrivate: false, timeout: 3_000, lookup: names(answer) })
    await fails(t, egress.post(`https://${NAME}:${port}/`, {}, '{}'), 'address_not_allowed', answer.join())
  }
  // As the names of nip.io do: the system's resolver, and what it says of this machine.
  const near: LookupFunction = (_name, options, callback) => lookup('localhost', options, callback)
  const egress = open(t, { allowPrivate: false, lookup: near })
  await fails(t, egress.post(`https://${NAME}:${port}/`, {}, '{}'), 'address_not_allowed')
  t.equal(connections.length, 0, 'nobody connected')
})

t.test(
  'a name that is public when it is looked at and private the next time is looked up once for each',
  async (t) => {
    const { port, connections } = await listenTwice(t)
    const resolve = names([NOBODY], ['127.0.0.1'])
    const egress = open(t, { allowPrivate: false, timeout: 500, lookup: resolve })
    await fails(t, egress.post(`https://${NAME}:${port}/`, {}, '{}'), /^(timeout|connection_failed)$/)
    t.equal(resolve.asked, 1, 'what was checked is what is connected to')
    await fails(t, egress.post(`https://${NAME}:${port}/`, {}, '{}'), 'address_not_allowed')
    t.equal(resolve.asked, 2)
    t.equal(connections.length, 0, 'nobody connected')
  },
)

t.test(
  'an address that changes after it was checked gets a connection, and no byte of the request',
  async (t) => {
    const { port, requests, connections } = await serve(t, (_, response) => response.end(), good)
    const turning: LookupFunction = (_name, _options, callback) => {
      const seen = ['8.8.8.8']
      callback(null, [
        {
          family: 4,
          get address() {
            return seen.pop() ?? '127.0.0.1'
          },
        },
      ])
    }
    const egress = open(t, { allowPrivate: false, lookup: turning })
    await fails(t, egress.post(`https://${NAME}:${port}/`, {}, '{}'), 'address_not_allowed')
    await Promise.all(connections.map(closed))
    t.equal(connections.length, 1)
    t.same(requests, [])
  },
)

t.test('http leads nowhere, unless private targets are allowed', async (t) => {
  const { port, connections } = await serve(t, (_, response) => response.end())
  const url = `http://${NAME}:${port}/`
  await fails(
    t,
    open(t, { allowPrivate: false, lookup: names(['127.0.0.1']) }).post(url, {}, ''),
    'address_not_allowed',
  )
  await fails(
    t,
    open(t, { allowPrivate: false, lookup: names([NOBODY]) }).post(url, {}, ''),
    'address_not_allowed',
  )
  t.equal(connections.length, 0)
  t.match(await open(t).post(url, {}, ''), { status: 200 })
  t.match(await open(t, { lookup }).post(`http://localhost:${port}/`, {}, ''), { status: 200 })
})

t.test('a redirect is the answer, and is not followed', async (t) => {
  for (const status of [301, 302, 303, 307, 308]) {
    const { port, requests } = await serve(t, (_, response) =>
      response.writeHead(status, { location: '/b' }).end(),
    )
    t.same(await open(t).post(`http://127.0.0.1:${port}/a`, {}, '{}'), { status, retryAfter: null })
    await pause(50)
    t.same(
      requests.map(({ url }) => url),
      ['/a'],
    )
  }
})

t.test('an answer says when to come again, in seconds or as a date', async (t) => {
  process.env.TZ = 'Asia/Tokyo'
  t.teardown(() => delete process.env.TZ)
  const inAnHour = new Date(Date.now() + 3_600_000)
  const [day = '', date, month, year, time] = inAnHour.toUTCString().split(' ')
  const weekday = inAnHour.toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' })
  const past = ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994']
  for (const text of ['0', '00', ...past]) t.equal(await retryAfter(t, text), 0, text)
  t.equal(await retryAfter(t, '120'), 120)
  const dates = [
    inAnHour.toUTCString(),
    `${weekday}, ${date}-${month}-${year?.slice(2)} ${time} GMT`,
    `${day.slice(0, 3)} ${month} ${date?.replace(/^0/, ' ')} ${time} ${year}`,
  ]
  for (const text of dates) {
    const seconds = await retryAfter(t, text)
    t.ok(seconds !== null && seconds > 3_570 && seconds <= 3_600, `${text}: ${seconds}`)
  }
  const nonsense =
    'soon|-1|+1|1.5|1e3|0x10|1 2|1,2|٣|2026-01-01|2099-01-01T00:00:00Z|Sun|1 Jan 2099|Sun, 06 Nov 1994 08:49:37|' +
    'Sun, 06 Nov 1994 08:49:37 +0100|Xxx, 99 Xxx 2099 99:99:99 GMT|Sun, 06 Nov 1994 08:49:37 GMT!|Infinity'
  for (const text of [...nonsense.split('|'), '9'.repeat(20), '9'.repeat(400), ''])
    t.equal(await retryAfter(t, Buffer.from(text).toString('latin1')), null, text)
})

t.test('whatever the status is, it is the answer', async (t) => {
  for (const status of [200, 400, 410, 429, 500, 503, 599]) {
    const { port } = await serve(t, (_, response) => response.writeHead(status, 'seKret').end('seKret'))
    t.same(await open(t).post(`http://127.0.0.1:${port}/`, {}, '{}'), { status, retryAfter: null })
  }
})

t.test('TLS is of today, and a certificate is trusted, in date and of the name', async (t) => {
  const answer: RequestListener = (_, response) => response.end()
  const to = ({ port }: { port: number }, name = NAME) => open(t).post(`https://${name}:${port}/`, {}, '{}')
  const { requests, ...server } = await serve(t, answer, good)
  t.match(await to(server), { status: 200 })
  t.match(requests, [{ headers: { host: `${NAME}:${server.port}` }, body: Buffer.from('{}') }])
  await fails(t, to(server, 'other.example.com'), 'tls_failed')
  await fails(t, to(server, '127.0.0.1'), 'tls_failed')
  t.equal(requests.length, 1)
  for (const certificate of [expired, unknown]) {
    const other = await serve(t, answer, certificate)
    await fails(t, to(other), 'tls_failed')
    t.same(other.requests, [], 'nobody told it anything')
  }
  const old: TlsOptions = { ...good, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }
  for (const settings of [undefined, old, { ...good, requestCert: true }])
    await fails(t, to(await serve(t, answer, settings)), 'tls_failed')
})

t.test('the environment neither leads a request to a proxy nor makes a certificate good', async (t) => {
  const proxy = await serve(t, (_, response) => response.writeHead(418).end())
  const plain = await serve(t, (_, response) => response.end())
  const secure = await serve(t, (_, response) => response.end(), unknown)
  const script = `
    const { openEgress } = await import(${JSON.stringify(join(import.meta.dirname, '../../../src/jobs/webhooks/egress.ts'))})
    const post = (url) => openEgress({ allowPrivate: true }).post(url, {}, '').then((it) => it.status, (it) => it.reason)
    console.log(await post('http://localhost:${plain.port}/'), await post('https://127.0.0.1:${secure.port}/'))`
  const url = `http://127.0.0.1:${proxy.port}`
  const env = {
    HTTP_PROXY: url,
    HTTPS_PROXY: url,
    NODE_USE_ENV_PROXY: '1',
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    NODE_OPTIONS: '--no-network-family-autoselection',
  }
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env,
  })
  t.equal(stdout, '200 tls_failed\n')
  t.equal(proxy.connections.length, 0)
})

t.test('an answer that never ends holds no socket', async (t) => {
  const { port, connections } = await listen(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    const pour = () => {
      while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
    }
    socket.on('drain', pour)
    pour()
  })
  t.match(await open(t, { timeout: 30_000 }).post(`http://127.0.0.1:${port}/`, {}, '{}'), { status: 200 })
  await Promise.all(connections.map(closed))
  t.equal(connections.length, 1)
})

t.test('an answer that comes in drops ends with the time there is', async (t) => {
  const { port, connections } = await listen(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10000\r\n\r\n')
    drip(socket, '.')
  })
  t.match(await open(t, { timeout: 500 }).post(`http://127.0.0.1:${port}/`, {}, '{}'), { status: 200 })
  await Promise.all(connections.map(closed))
})

t.test('a short answer is read to its end', async (t) => {
  const read = Promise.withResolvers<boolean>()
  const { port, connections } = await listen(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 16000\r\n\r\n')
    setTimeout(() => socket.write('.'.repeat(15_999)), 50)
    setTimeout(() => read.resolve(!socket.destroyed && socket.write('.')), 150)
  })
  t.match(await open(t).post(`http://127.0.0.1:${port}/`, {}, '{}'), { status: 200 })
  t.ok(await read.promise)
  await Promise.all(connections.map(closed))
})

t.test('who says nothing, or says it slowly, is left in time', async (t) => {
  const silent = await listen(t, () => {})
  const slow = await listen(t, (socket) => drip(socket, 'HTTP/1.1 200 OK\r\nx-header: yes\r\n'))
  const interim = await listen(t, (socket) => drip(socket, 'HTTP/1.1 100 Continue\r\n\r\n'))
  const deaf = await listen(t, (socket) => socket.pause())
  const unresolved = open(t, { timeout: 400, lookup: () => {} })
  const egress = open(t, { timeout: 400 })
  const started = performance.now()
  await Promise.all([
    fails(t, egress.post(`http://127.0.0.1:${silent.port}/`, {}, '{}'), 'timeout', 'no answer'),
    fails(t, egress.post(`https://127.0.0.1:${silent.port}/`, {}, '{}'), 'timeout', 'no TLS'),
    fails(t, egress.post(`http://127.0.0.1:${slow.port}/`, {}, '{}'), 'timeout', 'a slow head'),
    fails(
      t,
      egress.post(`http://127.0.0.1:${interim.port}/`, {}, '{}'),
      'timeout',
      'no end of interim answers',
    ),
    fails(t, egress.post(`http://127.0.0.1:${deaf.port}/`, {}, 'x'.repeat(20e6)), 'timeout', 'nobody reads'),
    fails(t, unresolved.post(`https://${NAME}/`, {}, '{}'), 'timeout', 'no address'),
  ])
  const took = performance.now() - started
  t.ok(took > 350 && took < 2_000, `${took} ms`)
  for (const socket of deaf.connections) socket.resume()
  await Promise.all([silent, slow, interim, deaf].flatMap(({ connections }) => connections.map(closed)))
})

t.test('heads without end are given up', async (t) => {
  for (const [start = '', more = ''] of [
    ['HTTP/1.1 200 OK\r\n', 'a: b\r\n'],
    ['HTTP/1.1 200 OK\r\nx: ', 'long'],
    ['HTTP/1.1 200 ', 'OK'],
    ['', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'],
  ]) {
    const { port, connections } = await listen(t, (socket) => {
      socket.write(start)
      const pour = () => {
        while (!socket.destroyed && socket.write(more.repeat(100)));
      }
      socket.on('drain', pour)
      pour()
    })
    await fails(
      t,
      open(t, { timeout: 30_000 }).post(`http://127.0.0.1:${port}/`, {}, '{}'),
      'malformed_response',
    )
    await Promise.all(connections.map(closed))
  }
})

t.test('what is no answer of HTTP/1.1 is malformed', async (t) => {
  for (const text of [
    'seKret\r\n\r\n',
    '220 mail.example.com ESMTP\r\n',
    'HTTP/1.1 2OO OK\r\n\r\n',
    '\0\0\0\x12\x04',
  ]) {
    const { port } = await listen(t, (socket) => socket.write(text))
    await fails(t, open(t).post(`http://127.0.0.1:${port}/`, {}, '{}'), 'malformed_response', text)
  }
  const both = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n'
  const { port } = await listen(t, (socket) => socket.write(both))
  await fails(t, open(t).post(`http://127.0.0.1:${port}/`, {}, '{}'), 'malformed_response', 'two lengths')
})

t.test('a connection that is refused or broken off has failed', async (t) => {
  const once = await listen(t, (socket) => socket.end())
  const reset = await listen(t, (socket) => socket.resetAndDestroy())
  const cut = await listen(t, (socket) => socket.end('HTTP/1.1 200 OK\r\nx-a: b\r\n'))
  const switched = await listen(t, (socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
  )
  for (const { port } of [once, reset, cut, switched])
    await fails(t, open(t).post(`http://127.0.0.1:${port}/`, {}, '{}'), 'connection_failed')
  for (const { port } of [once, reset])
    await fails(t, open(t).post(`https://127.0.0.1:${port}/`, {}, '{}'), 'connection_failed')
  const gone = await listen(t, () => {})
  gone.server.close()
  for (const scheme of ['http', 'https'])
    await fails(t, open(t).post(`${scheme}://${NAME}:${gone.port}/`, {}, '{}'), 'connection_failed')
})

t.test('a name that nobody has is not resolved', async (t) => {
  // No label has 64 characters (RFC 1035), so that no server needs to be asked.
  const url = `https://${'a'.repeat(64)}.example/`
  await fails(t, openEgress({ allowPrivate: false }).post(url, {}, '{}'), 'name_not_resolved')
})

t.test('each request has a connection, a name and a check of its own', async (t) => {
  const { server, port, connections, requests } = await serve(t, (_, response) => response.end('{}'), good)
  const resumed: boolean[] = []
  server.on('secureConnection', (socket: TLSSocket) => resumed.push(socket.isSessionReused()))
  const resolve = names(['127.0.0.1'])
  const egress = open(t, { lookup: resolve })
  for (let i = 0; i < 3; i++) await egress.post(`https://${NAME}:${port}/`, {}, '{}')
  t.equal(requests.length, 3)
  t.equal(connections.length, 3)
  t.same(resumed, [false, false, false], 'and shows a certificate')
  t.equal(resolve.asked, 3)
})

t.test('who asked can give up, and closing breaks off what is under way', async (t) => {
  const { port, connections } = await listen(t, () => {})
  const egress = open(t)
  const url = `http://127.0.0.1:${port}/`
  await fails(t, egress.post(url, {}, '{}', AbortSignal.abort()), 'timeout')
  const started = performance.now()
  await fails(t, egress.post(url, {}, '{}', AbortSignal.timeout(100)), 'timeout')
  t.ok(performance.now() - started < 2_000)
  const pending = ['http', 'https'].map((scheme) =>
    fails(t, egress.post(`${scheme}://127.0.0.1:${port}/`, {}, '{}'), 'connection_failed'),
  )
  await pause(100)
  egress.close()
  await Promise.all([...pending, ...connections.map(closed)])
})

function open(t: Test, settings: Partial<EgressSettings> = {}) {
  const egress = openEgress({
    allowPrivate: true,
    timeout: 10_000,
    lookup: names(['127.0.0.1']),
    ...settings,
  })
  t.teardown(() => egress.close())
  return egress
}

/** For the reason, in words that repeat nothing of what the other side said or of where it is. */
async function fails(
  t: Test,
  posted: Promise<unknown>,
  reason: EgressReason | RegExp,
  about = '',
): Promise<void> {
  const error = await posted.then(
    (answer) => inspect(answer),
    (error) => error,
  )
  t.match(error, { name: 'EgressError', reason }, about)
  t.equal(error.message, `the webhook was not answered: ${error.reason}`)
  t.notMatch(inspect(error), /seKret|https?:|127\.|hooks\./)
}

/** A resolver that gives each answer once, and the last one for good. */
function names(...answers: readonly string[][]) {
  const resolve: LookupFunction = (_name, _options, callback) => {
    const answer = answers[Math.min(resolver.asked, answers.length - 1)] ?? []
    resolver.asked += 1
    setImmediate(
      callback,
      null,
      answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  const resolver = Object.assign(resolve, { asked: 0 })
  return resolver
}

async function retryAfter(t: Test, text: string): Promise<number | null> {
  const { port } = await listen(t, (socket) =>
    socket.end(Buffer.from(`HTTP/1.1 429 \r\nretry-after: ${text}\r\ncontent-length: 0\r\n\r\n`, 'latin1')),
  )
  return (await open(t).post(`http://127.0.0.1:${port}/`, {}, '{}')).retryAfter
}

type Received = Pick<IncomingMessage, 'method' | 'url' | 'headers'> & { readonly body: Buffer }

async function serve(t: Test, answer: RequestListener, tls?: TlsOptions) {
  const requests: Received[] = []
  const listener: RequestListener = async (request, response) => {
    const { method, url, headers } = request
    requests.push({ method, url, headers, body: await buffer(request) })
    answer(request, response)
  }
  const server = tls ? createHttps(tls, listener) : createHttp(listener)
  return {
    requests,
    ...(await listening(
      t,
      server.on('tlsClientError', () => {}),
    )),
  }
}

function listen(t: Test, meet: (socket: Socket) => void) {
  return listening(
    t,
    createServer((socket) => meet(socket.on('error', () => {}).on('data', () => {}))),
  )
}

/** On the same port of 127.0.0.1 and, where there is IPv6, of ::1. */
async function listenTwice(t: Test) {
  const first = await listen(t, () => {})
  const second = createServer((socket) => first.connections.push(socket))
  t.teardown(() => second.close())
  await once(second.listen(first.port, '::1'), 'listening').catch(() => t.comment('there is no IPv6'))
  return first
}

async function listening(t: Test, server: Server) {
  const connections: Socket[] = []
  server.on('connection', (socket) => connections.push(socket.on('error', () => {})))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of connections) socket.destroy()
  })
  return { server, connections, port: (server.address() as AddressInfo).port }
}

/** Rejects when the other side has not let go of it after five seconds. */
async function closed(socket: Socket): Promise<void> {
  for (const deadline = Date.now() + 5_000; !socket.closed; await pause(5))
    if (Date.now() > deadline) throw new Error('the socket is still open')
}

/** A byte every now and then, over and over. */
function drip(socket: Socket, text: string): void {
  let sent = 0
  const timer = setInterval(() => socket.write(text[sent++ % text.length] ?? ''), 20)
  socket.once('close', () => clearInterval(timer))
}

/** A certificate that vouches for itself (RFC 5280), valid for years until `end`. */
function certify(name: string, end = new Date()): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const ed25519 = der(0x30, der(0x06, '2b6570'))
  const time = (date: Date) =>
    der(0x18, Buffer.from(`${date.toISOString().replace(/\D/g, '').slice(0, 14)}Z`))
  const named = der(0x30, der(0x31, der(0x30, der(0x06, '550403'), der(0x0c, Buffer.from(name)))))
  const altName = der(0x30, der(0x06, '551d11'), der(0x04, der(0x30, der(0x82, Buffer.from(name)))))
  const content = der(
    0x30,
    der(0xa0, der(0x02, '02')),
    der(0x02, '01'),
    ed25519,
    named,
    der(0x30, time(new Date(0)), time(end)),
    named,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, altName)),
  )
  const signed = der(0x30, content, ed25519, der(0x03, '00', sign(null, content, privateKey)))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${signed.toString('base64')}\n-----END CERTIFICATE-----\n`,
  }
}

function der(tag: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'hex') : part)),
  )
  const { length } = body
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}
