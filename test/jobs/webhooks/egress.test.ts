import { setTimeout as pause } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { openEgress } from '../../../src/jobs/webhooks/egress.ts'
import { stopwatch } from '../../support/stopwatch.ts'
import { until } from '../scene.ts'
import { closed, fails, good, listen, NAME, names, open, serve } from './other-side.ts'

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
  const clock = stopwatch()
  await fails(t, egress.post(url, {}, '{}', AbortSignal.timeout(100)), 'timeout')
  t.ok(clock() < 2_000)
  const other = await listen(t, () => {})
  const pending = ['http', 'https'].map((scheme) =>
    fails(t, egress.post(`${scheme}://127.0.0.1:${other.port}/`, {}, '{}'), 'connection_failed'),
  )
  await until('both are connected', () => other.connections.length === 2)
  egress.close()
  await Promise.all([...pending, ...[...connections, ...other.connections].map(closed)])
})

async function retryAfter(t: Test, text: string): Promise<number | null> {
  const { port } = await listen(t, (socket) =>
    socket.end(Buffer.from(`HTTP/1.1 429 \r\nretry-after: ${text}\r\ncontent-length: 0\r\n\r\n`, 'latin1')),
  )
  return (await open(t).post(`http://127.0.0.1:${port}/`, {}, '{}')).retryAfter
}
