import { setTimeout as pause } from 'node:timers/promises'
import { openDatabase } from '../db/client.ts'
import { keepQueue, QUEUE_CONNECTIONS, type QueueDeps } from './queue.ts'
import type { DeliveryDeps } from './webhooks/deliver.ts'
import { keepOutbox } from './webhooks/outbox.ts'

interface WorkerDeps extends Omit<QueueDeps, 'db'>, Omit<DeliveryDeps, 'db'> {
  readonly databaseUrl: string
}

export interface Worker {
  /** Waits at most five seconds for the running jobs. The next worker repeats what is cut short. */
  stop(): Promise<void>
}

// Milliseconds to stop everything.
const LONGEST_STOP = 5_000

const OUTBOX_CONNECTIONS = 4

/**
 * Does the work that follows a commit, until stopped: mails, the feed, webhooks and scheduled jobs. The database may be
 * away, even at the start: the worker resumes when it is back.
 */
export async function startWorker(deps: WorkerDeps): Promise<Worker> {
  const stopping = new AbortController()
  // A pool of its own: behind busy requests, no job could record how it ended.
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
