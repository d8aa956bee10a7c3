import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** Opens a connection that asks nothing, as browsers keep in reserve. */
export async function silent(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  return socket.on('error', () => {})
}

/** Opens a connection that has asked once, and stays. */
export async function idle(url: string): Promise<Socket> {
  const socket = await silent(url)
  socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(socket, 'data')
  return socket
}

/** A port that is closed until it is opened, and then leads to the server of the URL. */
export async function door(t: Pick<Test, 'teardown'>, url: string) {
  const { hostname, port: behind } = new URL(url)
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const inner = connect(Number(behind), hostname)
    for (const end of [socket, inner]) sockets.add(end.on('error', () => {}))
    socket.pipe(inner).pipe(socket)
  })
  const listenOn = (port: number) => once(server.listen(port, '127.0.0.1'), 'listening')
  await listenOn(0)
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { port, open: () => listenOn(port) }
}

/** A connection to the database that holds all answers back until a certain word has been sent. */
export async function holdingBack(t: Pick<Test, 'teardown'>, databaseUrl: string) {
  const url = new URL(databaseUrl)
  const { hostname, port } = url
  const sockets = new Set<Socket>()
  let awaited: string | undefined
  const server = createServer((outer) => {
    const inner = connect(Number(port), hostname)
    for (const socket of [outer, inner]) sockets.add(socket.on('error', () => {}))
    let sent = ''
    outer.on('data', (chunk) => {
      inner.write(chunk)
      sent += chunk.toString('latin1')
      if (awaited !== undefined && sent.includes(awaited)) inner.resume()
      else if (awaited !== undefined) inner.pause()
    })
    outer.on('close', () => inner.destroy())
    inner.on('data', (chunk) => outer.write(chunk))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    holdUntil: (word: string) => {
      awaited = word
    },
  }
}
