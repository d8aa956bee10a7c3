import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** A proxy to PostgreSQL that counts round trips. */
export interface Wire {
  /** URL of the same database. */
  readonly url: string
  /** Counts what the work sends over all connections until its end, without the handshakes of new ones. */
  count(work: () => Promise<unknown>): Promise<Waits>
}

export interface Waits {
  /** Number of times that a client sent something and waited for the answer. Things sent together count once. */
  readonly roundTrips: number
  readonly statements: number
}

// Milliseconds by which each answer is held back while it counts: what is sent meanwhile does not depend on it.
const HELD = 3

/**
 * Relays both sides, and counts on the wire how often the talk turns from PostgreSQL back to Muster, whatever the
 * driver makes of it.
 */
export async function openWire(t: Pick<Test, 'teardown'>, databaseUrl: string): Promise<Wire> {
  const { hostname, port } = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let counted: { roundTrips: number; statements: number } | undefined

  const join = (client: Socket) => {
    const server = connect(Number(port), hostname)
    const sent = new Messages(['Q', 'E'])
    const answered = new Messages(['Z'])
    let isLetIn = false
    let serverSpokeLast = true
    let held: Buffer[] | undefined
    const pass = () => {
      serverSpokeLast = true
      for (const bytes of held ?? []) client.write(bytes)
      held = undefined
    }
    client.on('data', (bytes) => {
      const statements = isLetIn ? sent.read(bytes) : 0
      if (counted && isLetIn) {
        if (serverSpokeLast) counted.roundTrips += 1
        counted.statements += statements
      }
      serverSpokeLast = false
      server.write(bytes)
    })
    server.on('data', (bytes) => {
      isLetIn ||= answered.read(bytes) > 0
      if (held) return void held.push(bytes)
      held = [bytes]
      if (counted) setTimeout(pass, HELD)
      else pass()
    })
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket.setNoDelay(true))
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroySoon()
      })
    }
  }

  const listener = createServer(join).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  t.teardown(() => {
    listener.close()
    for (const socket of sockets) socket.destroy()
  })
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((listener.address() as AddressInfo).port)
  return {
    url: url.href,
    count: async (work) => {
      const waits = { roundTrips: 0, statements: 0 }
      counted = waits
      await work().finally(() => {
        counted = undefined
      })
      return waits
    },
  }
}

/** Parses the messages of PostgreSQL's protocol: a letter, a length in four bytes, the content. */
class Messages {
  readonly #wanted: readonly string[]
  /** Bytes still to come of the message before. */
  #rest = 0
  #head = Buffer.alloc(0)

  /** @param wanted the letters of those that are counted. */
  constructor(wanted: readonly string[]) {
    this.#wanted = wanted
  }

  read(bytes: Buffer): number {
    let count = 0
    let at = Math.min(this.#rest, bytes.length)
    this.#rest -= at
    let left = Buffer.concat([this.#head, bytes.subarray(at)])
    for (at = 0; left.length >= 5; left = left.subarray(at)) {
      if (this.#wanted.includes(left.toString('latin1', 0, 1))) count += 1
      const length = 1 + left.readInt32BE(1)
      at = Math.min(length, left.length)
      this.#rest = length - at
    }
    this.#head = Buffer.from(left)
    return count
  }
}
