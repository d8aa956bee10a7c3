import type { Db } from '../db/client.ts'
import type { Log } from './log.ts'
import { type Backlog, readBacklog } from './queries.ts'

/** Seconds that something due may wait before an operator should know. */
const TOO_LONG = 300

/** Says in the log how much waits, and louder when it waits for long. */
export async function reportBacklog(db: Db, log: Log): Promise<void> {
  const backlog = await readBacklog(db.sql)
  const queues = Object.values(backlog) as Backlog[keyof Backlog][]
  if (queues.some(({ oldest }) => oldest > TOO_LONG)) log.warn({ backlog }, 'something waits for long')
  else if (queues.some(({ waiting }) => waiting > 0)) log.info({ backlog }, 'the backlog')
}
