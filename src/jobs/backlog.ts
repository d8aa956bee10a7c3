import type { Db } from '../db/client.ts'
import type { Log } from './log.ts'
import { type Backlog, readBacklog } from './queries.ts'

/** Seconds that due work may wait before the operator should know. */
const TOO_LONG = 300

/** Logs how much waits, and warns when it has waited too long. */
export async function reportBacklog(db: Db, log: Log): Promise<void> {
  const backlog = await readBacklog(db.sql)
  const queues = Object.values(backlog) as Backlog[keyof Backlog][]
  if (queues.some(({ oldest }) => oldest > TOO_LONG)) log.warn({ backlog }, 'the backlog is too old')
  else if (queues.some(({ waiting }) => waiting > 0)) log.info({ backlog }, 'the backlog')
}
