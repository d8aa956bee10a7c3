import { setTimeout as pause } from 'node:timers/promises'
import { openDatabase } from '../db/client.ts'
import { keepQueue, QUEUE_CONNECTIONS, type QueueDeps } from './queue.ts'
import type { DeliveryDeps } from './webhooks/deliver.ts'
import { keepOutbox } from './webhooks/outbox.ts'

interface WorkerDeps extends Omit<QueueDeps, 'db'>, Omit<DeliveryDeps, 'db'> {
  readonly databaseUrl: string
}

export interface Worker {
  /** Waits for the jobs that run, at most five seconds; what is cut short is done again by the next worker. */
  stop(): Promise<void>
}

// Milliseconds for all of the stopping.
const LONGEST_STOP = 5_000

const OUTBOX_CONNECTIONS = 4

/**
 * Does what comes after the commit, until stopped: mails, the feed, webhooks, and what is due by the clock. The
 * database may be away, at the start too: the worker comes back when it does.
 */
export async function startWorker(deps: WorkerDeps): Promise<Worker> {
  const stopping = new AbortController()
  // Connections of its own: behind busy requests no job could write down how it ended.
  const db = openDatabase(deps.databaseUrl, QUEUE_CONNECTIONS + OUTBOX_CONNECTIONS)
  const kept = [keepQueue, keepOutbox].map((keep) => keep({ ...deps, db }, stopping.signal))
  const stopped = Promise.all(kept).then(() => db.close())
  return {
    stop: async () => {
      stopping.abort()
      await Promise.race([stopped, pause(LONGEST_STOP, undefined, { ref: false })])
    },
  }
}
