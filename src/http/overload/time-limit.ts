import { AsyncLocalStorage } from 'node:async_hooks'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Db } from '../../db/client.ts'

/** A request that is being handled. It is either refused as late or committed, never both. */
interface Handling {
  readonly reply: FastifyReply
  readonly until: number
  state: 'open' | 'committing' | 'refused'
}

const TICKS = 40

/**
 * Answers 503 to every request that is handled for too long. Time counts from when the body was read, which has a limit
 * of its own. One interval looks at all requests; a timer for each would cost as much as a small handler.
 *
 * @param milliseconds give or take a fortieth.
 * @returns the database for handlers. When a request is refused, a transaction that has not begun to commit is rolled
 *   back. One that has begun is waited for, so that a caller who is told 503 is told the truth.
 */
export function limitTime(app: FastifyInstance, db: Db, milliseconds: number): Db {
  const handled = new Set<Handling>()
  const current = new AsyncLocalStorage<Handling>()

  app.addHook('preHandler', (_request, reply, done) => {
    const handling: Handling = { reply, until: performance.now() + milliseconds, state: 'open' }
    handled.add(handling)
    reply.raw.once('close', () => handled.delete(handling))
    current.run(handling, done)
  })

  const watch = setInterval(() => refuseLate(handled), milliseconds / TICKS).unref()
  app.server.once('close', () => clearInterval(watch))

  return {
    sql: db.sql,
    transaction: async (work) => {
      const handling = current.getStore()
      if (handling === undefined) return db.transaction(work)
      refuseRefused(handling)
      return db.transaction(async (tx) => {
        const result = await work(tx)
        refuseRefused(handling)
        handling.state = 'committing'
        return result
      })
    },
  }
}

/** Refuses late requests. They stand in order of arrival, so none is late behind the first that is in time. */
function refuseLate(handled: ReadonlySet<Handling>): void {
  const now = performance.now()
  for (const handling of handled) {
    if (handling.until > now) return
    const { reply, state } = handling
    if (state !== 'open' || reply.sent) continue
    handling.state = 'refused'
    if (reply.raw.headersSent) reply.raw.destroy()
    else reply.send(tooLate())
  }
}

function refuseRefused({ state }: Handling): void {
  if (state === 'refused') throw tooLate()
}

function tooLate(): Error {
  return Object.assign(new Error('the request was not handled in time'), { code: 'TOO_LATE' })
}
