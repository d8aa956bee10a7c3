import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import type { Test } from 'tap'

/** One request, exactly as sent over the wire. */
export interface Arrival {
  readonly method: string
  readonly id: string
  /** Seconds, by the sender's clock. */
  readonly timestamp: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** `hang` never answers, `close` breaks the connection, and `delay` holds the status back for so many milliseconds. */
export type Answer =
  | 'hang'
  | 'close'
  | number
  | {
      readonly status: number
      readonly says?: string
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
      readonly delay?: number
    }

export interface Receiver {
  readonly url: string
  readonly received: readonly Arrival[]
  /** The secret of its webhook, which verifies each request. */
  secret: string
  answer: Answer | Promise<Answer> | ((arrival: Arrival) => Answer | Promise<Answer>)
  /** Resolves with all requests once this many have come; rejects if they have not after two minutes. */
  arrived(count: number): Promise<readonly Arrival[]>
  /** Reasons for which `standardwebhooks` refuses requests; empty when it verifies all of them. */
  refused(): string[]
  /** Closes the port. A later start opens the same one. */
  stop(): Promise<void>
  start(): Promise<void>
}

/** Starts an endpoint on loopback, written with `standardwebhooks` as our docs say, until the test ends. */
export async function startReceiver(t: Pick<Test, 'teardown'>, answer: Answer = 204): Promise<Receiver> {
  const received: Arrival[] = []
  const arrivals = new EventEmitter().setMaxListeners(0)
  const sockets = new Set<Socket>()
  let server = await listen(0)
  const { port } = server.address() as AddressInfo
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hooks`,
    received,
    secret: '',
    answer,
    arrived: async (count) => {
      const signal = AbortSignal.timeout(120_000)
      while (received.length < count) await once(arrivals, 'request', { signal })
      return received
    },
    refused: () => received.flatMap((arrival) => refusalOf(arrival, receiver.secret) ?? []),
    stop: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
    start: async () => {
      server = await listen(port)
    },
  }
  t.teardown(() => receiver.stop())
  return receiver

  async function listen(onPort: number): Promise<Server> {
    const listening = createServer((request, response) => void take(request, response).catch(() => {}))
    listening.on('connection', (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    await once(listening.listen(onPort, '127.0.0.1'), 'listening')
    return listening
  }

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrival = await arrivalOf(request)
    received.push(arrival)
    arrivals.emit('request')
    const { answer } = receiver
    const answered = await (typeof answer === 'function' ? answer(arrival) : answer)
    if (answered === 'hang') return
    if (answered === 'close') return void request.socket.destroy()
    const {
      status,
      says,
      headers = {},
      body,
      delay = 0,
    } = typeof answered === 'number' ? { status: answered } : answered
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay))
    response.writeHead(status, says, headers).end(body)
  }
}

/** Returns the reason of `standardwebhooks`, or null when the secret verifies the request. */
export function refusalOf({ body, headers }: Arrival, secret: string): string | null {
  try {
    new Webhook(secret).verify(body, headers)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function arrivalOf(request: IncomingMessage): Promise<Arrival> {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  )
  return {
    method: request.method ?? '',
    id: headers['webhook-id'] ?? '',
    timestamp: Number(headers['webhook-timestamp']),
    headers,
    at: Date.now(),
    body: await text(request),
  }
}
