import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { stopwatch } from '../../support/stopwatch.ts'
import { closed, drip, fails, listen, NAME, names, open, sleeper } from './other-side.ts'

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
  const [started, clock] = [performance.now(), stopwatch()]
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
  t.ok(took > 350 && clock() < 2_000, `${took} ms`)
  for (const socket of deaf.connections) socket.resume()
  await Promise.all([silent, slow, interim, deaf].flatMap(({ connections }) => connections.map(closed)))
})

t.test(
  'an address that is slow to connect is waited for, when there is another that leads nowhere',
  async (t) => {
    const { port, fall, wake } = await sleeper(t)
    for (const other of ['::1', '2001:db8::1']) {
      const sockets = await fall()
      const posted = open(t, { lookup: names(['127.0.0.1', other]) }).post(
        `http://${NAME}:${port}/`,
        {},
        '{}',
      )
      await pause(600)
      wake()
      t.match(await posted, { status: 200 }, other)
      for (const socket of sockets) socket.destroy()
      await pause(300)
    }
  },
)

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
