import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { App } from '../api.ts'

// Milliseconds. A request has ten seconds to be answered. A caller who reads the answer slowly gets a little more.
const FOR_THE_SILENT = 1_000
const FOR_ALL = 12_000

/**
 * Lets an app close in a bounded time, and lets its running requests end. Node would wait for every connection that has
 * yet to send its first request, as browsers and load balancers keep in reserve, and for one that stays open after its
 * last answer. Node also stops its own timeouts, so it would wait for every caller who sends or reads slowly.
 */
export function hangUpOnClose(app: App): void {
  const silent = new Set<Socket>()
  const unanswered = new Set<ServerResponse>()
  app.server.on('connection', (socket: Socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  app.server.on('request', ({ socket }, response) => {
    silent.delete(socket)
    unanswered.add(response)
    response.once('close', () => unanswered.delete(response))
  })

  app.addHook('preClose', async () => {
    for (const response of unanswered) if (!response.headersSent) response.setHeader('connection', 'close')
    setTimeout(() => silent.forEach((socket) => void socket.destroy()), FOR_THE_SILENT).unref()
    setTimeout(() => app.server.closeAllConnections(), FOR_ALL).unref()
  })
}
