import { EventEmitter, on, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'

/** The part of an event that the story looks at. */
export interface Told {
  readonly type: string
  readonly [field: string]: unknown
}

export interface Endpoint {
  readonly url: string
  /** Refuses from now on what is not signed with the secret. */
  trust(secret: string): void
  /** Resolves with the next event of the type. Rejects if none comes within 30 seconds. */
  next(type: string): Promise<Told>
  close(): void
}

/** Opens the product's backend on a port of its own. It accepts what is signed as Standard Webhooks says. */
export async function openEndpoint(): Promise<Endpoint> {
  const events: Told[] = []
  const arrivals = new EventEmitter()
  let webhook: Webhook | undefined
  const server = createServer(async (request, response) => {
    try {
      const body = await buffer(request)
      const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = request.headers
      const headers = {
        'webhook-id': String(id),
        'webhook-timestamp': String(at),
        'webhook-signature': String(signature),
      }
      events.push(webhook?.verify(body, headers) as Told)
      arrivals.emit('event')
      response.writeHead(204).end()
    } catch {
      response.writeHead(400).end()
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/muster`,
    trust: (secret) => {
      webhook = new Webhook(secret)
    },
    next: async (type) => {
      const arriving = on(arrivals, 'event', { signal: AbortSignal.timeout(30_000) })
      for (;;) {
        const at = events.findIndex((event) => event.type === type)
        const [event] = at < 0 ? [] : events.splice(at, 1)
        if (event) {
          await arriving.return?.()
          return event
        }
        await arriving.next()
      }
    },
    close: () => server.close(),
  }
}
