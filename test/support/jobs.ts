import { createSecretKey, randomBytes } from 'node:crypto'
import { pino } from 'pino'
import type { Test } from 'tap'
import { openMailer } from '../../src/jobs/mail/mailer.ts'
import { openEgress } from '../../src/jobs/webhooks/egress.ts'
import { startWorker, type Worker } from '../../src/jobs/worker.ts'
import type { Muster } from './muster.ts'

/** Settings of a worker besides mail, for tests that are not about them. Endpoints may be on this machine. */
export const OUTGOING = {
  egress: openEgress({ allowPrivate: true }),
  keys: [createSecretKey(randomBytes(32))] as const,
  eventsKeptDays: null,
}

/** Starts the jobs of this Muster as `main.ts` does, until the test ends. Endpoints may be on this machine. */
export async function startJobs(
  t: Pick<Test, 'teardown'>,
  { config, databaseUrl }: Muster,
  timeout = 15_000,
): Promise<Worker> {
  const log = pino({ level: 'silent' })
  const { appUrl, dataDir, mail, webhooks, eventsKeptDays } = config
  const mailer = openMailer({ ...mail, dataDir }, log)
  const egress = openEgress({ allowPrivate: true, timeout })
  const worker = await startWorker({
    ...{ databaseUrl, mailer, egress, appUrl, log, eventsKeptDays },
    ...{ from: mail.from, keys: webhooks.keys },
  })
  t.teardown(async () => {
    await worker.stop()
    egress.close()
    mailer.close()
  })
  return worker
}
