import { execFile } from 'node:child_process'
import { lookup } from 'node:dns'
import type { RequestListener } from 'node:http'
import type { LookupFunction } from 'node:net'
import { join } from 'node:path'
import type { TlsOptions } from 'node:tls'
import { promisify } from 'node:util'
import t from 'tap'
import {
  closed,
  expired,
  fails,
  good,
  listenTwice,
  NAME,
  NOBODY,
  names,
  open,
  serve,
  unknown,
} from './other-side.ts'

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
