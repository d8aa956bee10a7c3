import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { type EgressError, openEgress } from '../../../src/jobs/webhooks/egress.ts'
import { lookupByDns } from '../../../src/jobs/webhooks/resolve.ts'
import { stopwatch } from '../../support/stopwatch.ts'

const A = 1

t.test('a name stands for what DNS says', async (t) => {
  const server = await nameServer(t, [192, 0, 2, 7])
  const [found] = await lookupAll([server], 'hooks.example.com')
  t.match(found, { address: '192.0.2.7', family: 4 })
})

t.test('a name that stands for this machine is not called', async (t) => {
  const server = await nameServer(t, [127, 0, 0, 1])
  const egress = openEgress({ allowPrivate: false, lookup: lookupByDns([server]) })
  t.teardown(() => egress.close())
  const reason = await egress
    .post('https://hooks.example.com/', {}, '{}')
    .then(String, (error: EgressError) => error.reason)
  t.equal(reason, 'address_not_allowed')
})

t.test('a server that says nothing of the other family holds up the first one for a second', async (t) => {
  const servers = await Promise.all([1, 2].map(() => nameServer(t, [192, 0, 2, 7], 'A alone')))
  const [begun, clock] = [performance.now(), stopwatch()]
  t.match(await lookupAll(servers, 'hooks.example.com'), [{ address: '192.0.2.7', family: 4 }])
  const took = performance.now() - begun
  t.ok(took > 900 && clock() < 1_900, `${took} ms`)
})

t.test('names whose server does not answer hold up no other name', async (t) => {
  const server = await nameServer(t, null)
  const egress = openEgress({ allowPrivate: false, lookup: lookupByDns([server]), timeout: 6_000 })
  t.teardown(() => egress.close())
  let ended = 0
  const dead = Array.from({ length: 12 }, (_, n) =>
    egress.post(`https://dead-${n}.example.com/`, {}, '{}').then(
      () => t.fail('it was answered'),
      (error: EgressError) => {
        ended += 1
        return error.reason
      },
    ),
  )
  for (let n = 0; n < 20; n++) await lookup('localhost')
  t.equal(ended, 0, 'twenty names were found meanwhile')
  for (const reason of await Promise.all(dead)) t.match(reason, /^(name_not_resolved|timeout)$/)
})

async function lookupAll(
  servers: readonly string[],
  name: string,
): Promise<{ address: string; family: number }[]> {
  return new Promise((resolve, reject) =>
    lookupByDns(servers)(name, { all: true }, (error, found) =>
      error ? reject(error) : resolve(found as { address: string; family: number }[]),
    ),
  )
}

/** A real one, which has this address for every name and no other record; or, for null, is silent. Its `address:port`. */
async function nameServer(t: Test, address: readonly number[] | null, says?: 'A alone'): Promise<string> {
  const socket = createSocket('udp4')
  socket.on('message', (query, { port, address: from }) => {
    if (address && !(says && !isAsked(A, query))) socket.send(answerTo(query, address), port, from)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  return `127.0.0.1:${socket.address().port}`
}

/** RFC 1035, 4.1: the header and the question as they came, and one record, which names the question's name. */
function answerTo(query: Buffer, address: readonly number[]): Buffer {
  const end = query.indexOf(0, 12) + 5
  const isA = isAsked(A, query)
  const header = Buffer.from(query.subarray(0, 12))
  header.writeUInt16BE(0x8180, 2)
  header.writeUInt16BE(isA ? 1 : 0, 6)
  header.writeUInt16BE(0, 10)
  const record = [0xc0, 12, 0, A, 0, 1, 0, 0, 0, 60, 0, 4, ...address]
  return Buffer.concat([header, query.subarray(12, end), Buffer.from(isA ? record : [])])
}

function isAsked(type: number, query: Buffer): boolean {
  return query.readUInt16BE(query.indexOf(0, 12) + 1) === type
}
