import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import type { Call } from '../operations.ts'
import { Load, type Slice, written } from './load.ts'

// Figures are worth as much as the generator: it checks every answer, and a wrong one ends the run.

const load = new Load()
t.teardown(() => load.end())

const call: Call = { method: 'GET', path: '/', headers: {}, status: 200, text: '"yes"', times: 2 }

t.test('right answers count, whole or in pieces, with a length or in chunks', async (t) => {
  const port = await serve(t, ({ url }, response) => {
    if (url === '/whole') return response.end('["yes","yes"]')
    if (url === '/pieces') response.setHeader('content-length', 13)
    response.write('["yes",')
    setTimeout(() => response.end('"yes"]'), 1)
  })
  for (const path of ['/whole', '/pieces', '/chunks']) {
    const outcome = await load.run(slice(port, { ...call, path }))
    t.ok(outcome.answered > 10, `${path}: ${outcome.answered}`)
    t.ok(outcome.p50 > 0 && outcome.p50 <= outcome.p99 && outcome.p99 <= outcome.longest)
    t.equal(outcome.rate, outcome.answered / outcome.seconds)
  }
})

t.test('a body is sent as it was written', async (t) => {
  const port = await serve(t, async (request, response) => {
    const chunks = await request.toArray()
    response.end(request.headers['content-type'] === 'application/json' ? Buffer.concat(chunks) : '')
  })
  const { answered } = await load.run(slice(port, { ...call, method: 'POST', body: ['yes', 'yes'] }))
  t.ok(answered > 0)
})

for (const [what, status, body] of [
  ['another status', 201, '["yes","yes"]'],
  ['a refusal', 503, '["yes","yes"]'],
  ['too little in it', 200, '["yes"]'],
  ['too much in it', 200, '["yes","yes","yes"]'],
] as const)
  t.test(`an answer with ${what} is wrong`, async (t) => {
    let asked = 0
    const port = await serve(t, (_, response) => {
      asked += 1
      if (asked === 10) response.writeHead(status).end(body)
      else response.end('["yes","yes"]')
    })
    await t.rejects(load.run(slice(port, call)), { message: /^GET \/ HTTP\/1.1 was answered\nHTTP\/1.1 / })
  })

t.test('a connection that is closed is no answer', async (t) => {
  const port = await serve(t, (request) => request.socket.destroy())
  await t.rejects(load.run(slice(port, call)), { message: 'the server closed a connection' })
})

t.test('what uses something up is sent once, and it is told what was acknowledged', async (t) => {
  const paths: string[] = []
  const port = await serve(t, (request, response) => {
    paths.push(request.url ?? '')
    if (request.url === '/3') response.writeHead(503, { 'retry-after': '1' }).end()
    else if (request.url === '/5') response.writeHead(503).end()
    else response.end('["yes","yes"]')
  })
  const requests = Array.from({ length: 20 }, (_, n) => written({ ...call, path: `/${n}` }))
  const outcome = await load.run({ ...slice(port, call), requests, cyclic: false, mayRefuse: true })
  t.same(paths.toSorted(), requests.map((_, n) => `/${n}`).toSorted())
  t.match(outcome, { answered: 18, refused: 2, mute: 1 })
  t.same(outcome.turnedAway.toSorted(), [3, 5])
  t.equal(new Set([...outcome.acknowledged, 3, 5]).size, 20)
})

t.test(
  'a pace is kept whether or not there are answers, and waiting counts from when it was due',
  async (t) => {
    const port = await serve(t, (_, response) => setTimeout(() => response.end('["yes","yes"]'), 100))
    const { answered, longest } = await load.run({ ...slice(port, call), connections: 2, rate: 100 })
    t.ok(answered >= 20 && answered <= 50, `${answered} of 30 in 0.3 s`)
    t.ok(
      longest > 500,
      `two at a time, a tenth of a second each: the last one waits for the others (${longest} ms)`,
    )
  },
)

function slice(port: number, wanted: Call): Slice {
  return { port, requests: [written(wanted)], cyclic: true, connections: 4, seconds: 0.3 }
}

async function serve(t: Test, listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}
