import type { Writable } from 'node:stream'
import type { PoolClient, QueryConfig, QueryResult } from 'pg'

/** Writes the statements of one turn of the event loop to the socket together, instead of one by one. */
class Flights {
  readonly #client: PoolClient
  readonly #socket: Writable
  #boarding = false

  constructor(client: PoolClient) {
    this.#client = client
    this.#socket = (
      client as PoolClient & { readonly connection: { readonly stream: Writable } }
    ).connection.stream
  }

  query(config: string | QueryConfig, values?: unknown[]): Promise<QueryResult> {
    if (!this.#boarding) {
      this.#boarding = true
      this.#socket.cork()
      process.nextTick(() => {
        this.#boarding = false
        this.#socket.uncork()
      })
    }
    return this.#client.query(config, values)
  }
}

const flights = new WeakMap<PoolClient, Flights>()

/** The flights on a connection: what a transaction sends together, and what reads that share the connection do. */
export function flightsOn(client: PoolClient): Flights {
  const known = flights.get(client) ?? new Flights(client)
  flights.set(client, known)
  return known
}
