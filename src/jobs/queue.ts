import { EventEmitter, once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { Logger, parseCrontab, run, type Task, type TaskList, type WorkerEvents } from 'graphile-worker'
import type { Database } from '../db/client.ts'
import { withoutParameters } from '../db/errors.ts'
import { reportBacklog } from './backlog.ts'
import { type MailDeps, sendInvitation } from './mail/send-invitation.ts'
import { purge } from './purge/purge.ts'
import { unlockAbandonedJobs } from './queries.ts'

export interface QueueDeps extends MailDeps {
  readonly db: Database
  /** Null keeps events for ever. */
  readonly eventsKeptDays: number | null
}

// Jobs at once. The round trips of a mail queue behind those of busy requests: with so many jobs, mails keep up.
const CONCURRENCY = 32

const FETCHED = 8

/** Connections for the queue and its jobs. A job holds none while it talks to a mail server. */
export const QUEUE_CONNECTIONS = 10

// Milliseconds: for a fetched job to begin, for the jobs to end when told to stop, for the queue to end after them, and
// before a queue is restarted.
const LONGEST_WAIT = 30_000
const PATIENCE = 3_000
const LONGEST_STOP = 5_000
const RESTART_PAUSE = 2_000

const CRONTAB = `
* * * * * unlock-abandoned-jobs ?max=1&jobKey=unlock-abandoned-jobs
* * * * * report-backlog ?max=1&jobKey=report-backlog
7 * * * * purge ?max=3&jobKey=purge&fill=1h
`

/**
 * Runs the jobs of the queue until the signal. A queue ends by itself when its database is gone and it cannot record
 * how a job ended. The next queue takes over the jobs that it left locked.
 */
export async function keepQueue(deps: QueueDeps, stopping: AbortSignal): Promise<void> {
  const stop = once(stopping, 'abort')
  const { db } = deps
  const ended: string[] = []
  while (!stopping.aborted) {
    try {
      await unlockAbandonedJobs(db.sql, ended)
      ended.length = 0
      await runQueue(deps, stop, (id) => ended.push(id))
    } catch (error) {
      const { message } = withoutParameters(error)
      deps.log.warn({ reason: message }, 'the job queue ended and begins again')
    }
    await pause(RESTART_PAUSE, undefined, { signal: stopping }).catch(() => {})
  }
}

async function runQueue(
  deps: QueueDeps,
  stop: Promise<unknown>,
  onBegin: (id: string) => void,
): Promise<void> {
  const events: WorkerEvents = new EventEmitter()
  events.on('pool:create', ({ workerPool }) => onBegin(workerPool.id))
  const runner = await run({
    pgPool: deps.db.pool,
    events,
    taskList: tasks(deps),
    parsedCronItems: parseCrontab(CRONTAB),
    concurrency: CONCURRENCY,
    noHandleSignals: true,
    gracefulShutdownAbortTimeout: PATIENCE,
    logger: new Logger(() => (level, message) => deps.log[LEVELS[level]](message)),
    preset: {
      worker: {
        // Zero turns batches on. Without them, a failure to record how a job ended is an unhandled rejection.
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
        // One fetcher takes a few jobs at a time, instead of each worker looking for its own. Jobs that wait here too
        // long go back before they count as abandoned.
        localQueue: { size: FETCHED, ttl: LONGEST_WAIT },
      },
    },
  })
  // Graphile Worker 0.18 miscounts when it fails to record how several jobs ended, and then never ends.
  const overdue = new Promise((resolve) => events.once('pool:gracefulShutdown', resolve)).then(() =>
    pause(LONGEST_STOP, undefined, { ref: false }),
  )
  await Promise.race([runner.promise, stop, overdue])
  await runner.stop().catch(() => {})
}

// Logs the messages alone: their details hold jobs and payloads.
const LEVELS = { error: 'warn', warning: 'warn', info: 'debug', debug: 'trace' } as const

function tasks(deps: QueueDeps): TaskList {
  return {
    'send-invitation': task((payload, helpers) => sendInvitation(deps, sendingIdOf(payload), helpers)),
    'unlock-abandoned-jobs': task(() => unlockAbandonedJobs(deps.db.sql)),
    'report-backlog': task(() => reportBacklog(deps.db, deps.log)),
    purge: task(() => purge(deps.db, deps.eventsKeptDays)),
  }
}

/** Removes parameters from a job's error, which is logged and kept in the job's row. */
function task(work: Task): Task {
  return async (payload, helpers) => {
    try {
      await work(payload, helpers)
    } catch (error) {
      throw withoutParameters(error)
    }
  }
}

function sendingIdOf(payload: unknown): string {
  const { sendingId } = payload as { sendingId: string }
  return sendingId
}
