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
  /** Null: for ever. */
  readonly eventsKeptDays: number | null
}

// Jobs at once. Each of a mail's round trips waits its turn among those of busy requests: with so many, mails keep up.
const CONCURRENCY = 32

const FETCHED = 8

/** For the queue and its jobs, which need none while they talk with a mail server. */
export const QUEUE_CONNECTIONS = 10

// Milliseconds: for a job that has been fetched to begin, for the jobs to end when told to stop, and then for the queue,
// and before one is begun again.
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
 * Runs the jobs of the queue until the signal. A queue ends by itself when it cannot write down how a job ended, because
 * its database has gone. The next one takes over the jobs that it left locked.
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
        // Zero, because without batches a failure to write down how a job ended is an unhandled rejection.
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
        // One looks for jobs, a few at a time, and not each of so many. What waits here for long goes back, before
        // anybody takes it for abandoned.
        localQueue: { size: FETCHED, ttl: LONGEST_WAIT },
      },
    },
  })
  // Graphile Worker 0.18 counts wrongly, and then never ends, when it fails to write down how several jobs ended.
  const overdue = new Promise((resolve) => events.once('pool:gracefulShutdown', resolve)).then(() =>
    pause(LONGEST_STOP, undefined, { ref: false }),
  )
  await Promise.race([runner.promise, stop, overdue])
  await runner.stop().catch(() => {})
}

// Messages alone: what comes with them holds jobs and their payloads.
const LEVELS = { error: 'warn', warning: 'warn', info: 'debug', debug: 'trace' } as const

function tasks(deps: QueueDeps): TaskList {
  return {
    'send-invitation': task((payload, helpers) => sendInvitation(deps, sendingIdOf(payload), helpers)),
    'unlock-abandoned-jobs': task(() => unlockAbandonedJobs(deps.db.sql)),
    'report-backlog': task(() => reportBacklog(deps.db, deps.log)),
    purge: task(() => purge(deps.db, deps.eventsKeptDays)),
  }
}

/** What a job fails with is logged, and kept in its row. */
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
