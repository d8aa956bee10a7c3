import type { Pool, PoolClient, QueryConfig, QueryResult } from 'pg'
import { isLost } from './errors.ts'
import { flightsOn } from './flights.ts'

interface Read {
  readonly config: string | QueryConfig
  readonly values: unknown[] | undefined
  readonly resolve: (result: QueryResult) => void
  readonly reject: (error: unknown) => void
}

// Small, so that waiting for the slowest takes hardly longer than waiting for a connection of one's own.
const MOST_TOGETHER = 4

/**
 * Runs single statements on the connections of a pool. A statement takes a free connection. When there is none, the
 * waiting statements share the next one that comes free: they travel together, and each gets its own answer or error.
 */
export class Reads {
  readonly #pool: Pool
  #waiting: Read[] = []
  /** Number of connections that were asked for and have not come yet. */
  #asked = 0

  constructor(pool: Pool) {
    this.#pool = pool
  }

  query(config: string | QueryConfig, values?: unknown[]): Promise<QueryResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ config, values, resolve, reject })
      if (this.#hasFree() || this.#waiting.length > this.#asked * MOST_TOGETHER) void this.#carry()
    })
  }

  #hasFree(): boolean {
    const { idleCount, totalCount, waitingCount, options } = this.#pool
    return waitingCount === 0 && (idleCount > 0 || totalCount < options.max)
  }

  async #carry(): Promise<void> {
    this.#asked += 1
    const client = await this.#pool.connect().catch((error: unknown) => {
      for (const { reject } of this.#take()) reject(error)
    })
    if (client === undefined) return
    const isBroken = await sendTogether(client, this.#take())
    client.release(isBroken)
  }

  /** Takes an equal share, so that each connection that was asked for has something to carry. */
  #take(): Read[] {
    const share = Math.ceil(this.#waiting.length / this.#asked)
    this.#asked -= 1
    return this.#waiting.splice(0, share)
  }
}

/** @returns true when the state of the connection is unknown. */
async function sendTogether(client: PoolClient, reads: readonly Read[]): Promise<boolean> {
  let isBroken = false
  const answers = reads.map(({ config, values, resolve, reject }) =>
    flightsOn(client)
      .query(config, values)
      .then(resolve, (error: unknown) => {
        isBroken ||= isLost(error)
        reject(error)
      }),
  )
  await Promise.all(answers)
  return isBroken
}
