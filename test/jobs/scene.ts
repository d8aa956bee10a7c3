import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { type Logger, pino } from 'pino'
import type { Test } from 'tap'
import { type Database, openDatabase } from '../../src/db/client.ts'
import type { User } from '../../src/domain/actor.ts'
import { acceptInvitation } from '../../src/domain/invitations/accept.ts'
import type { HandedOut, Invitation } from '../../src/domain/invitations/invitation.ts'
import { invite } from '../../src/domain/invitations/invite.ts'
import { previewInvitation } from '../../src/domain/invitations/preview.ts'
import { getInvitation } from '../../src/domain/invitations/read.ts'
import { resendInvitation } from '../../src/domain/invitations/resend.ts'
import { revokeInvitation } from '../../src/domain/invitations/revoke.ts'
import { createOrg } from '../../src/domain/orgs/create.ts'
import { type MailSettings, openMailer } from '../../src/jobs/mail/mailer.ts'
import { startWorker } from '../../src/jobs/worker.ts'
import { OUTGOING } from '../support/jobs.ts'
import { cloneDatabase, PATIENT } from '../support/postgres.ts'
import type { Received } from '../support/smtp.ts'

export const APP_URL = 'https://app.example.com/join'

const LIMITS = {
  resendsPerMinute: 1000,
  resendsPerDay: 1000,
  invitationsPerTenMinutes: 1000,
  pendingPerOrg: 1000,
  mailsPerAddressPerDay: 1000,
  wrongCodesPerMinute: 1000,
}

const SETTINGS = { appUrl: APP_URL, limits: LIMITS }

export function person(name: string, email = `${name.toLowerCase()}@example.com`): User {
  return { type: 'user', id: `user_${email}`, email, emailVerified: true, name }
}

/** Alice, Admin of Acme, on a database of her own; a worker that begins when told to; and the log. */
export async function openScene(t: Test, mail: Partial<MailSettings> = {}) {
  const url = await cloneDatabase(t)
  const db = openDatabase(url, 5, PATIENT)
  t.teardown(() => db.close())
  const lines: string[] = []
  const log = pino({ level: 'trace' }, { write: (line) => lines.push(line) })
  const alice = person('Alice')
  const org = await createOrg(db, alice, { name: 'Acme' })
  const place = (id: string) => ({ orgId: org.id, invitationId: id })
  return {
    url,
    db,
    alice,
    org,
    log: lines,
    invite: (email: string, message?: string): Promise<HandedOut> =>
      invite(db, alice, { orgId: org.id, email, ...(message !== undefined && { message }) }, SETTINGS),
    resend: ({ id }: Invitation) => resendInvitation(db, alice, place(id), SETTINGS),
    revoke: ({ id }: Invitation) => revokeInvitation(db, alice, place(id)),
    read: ({ id }: Invitation) => getInvitation(db, alice, place(id)),
    preview: (code: string) =>
      previewInvitation(db, undefined, { code, guesser: { triedBy: [], perMinute: 10 } }),
    accept: (code: string, by: User) => acceptInvitation(db, by, { code }),
    work: () => work(t, url, log, mail),
    jobs: () => jobs(db),
    hurry: () => hurry(db),
  }
}

export type Scene = Awaited<ReturnType<typeof openScene>>

async function work(t: Test, url: string, log: Logger, mail: Partial<MailSettings>) {
  const from = { name: 'Acme App', address: 'no-reply@mail.example.com' }
  const mailer = openMailer({ smtpUrl: null, dataDir: t.testdirName, from, ...mail }, log)
  const worker = await startWorker({ databaseUrl: url, mailer, appUrl: APP_URL, from, log, ...OUTGOING })
  const stop = async () => {
    await worker.stop()
    mailer.close()
  }
  t.teardown(stop)
  return { stop }
}

interface Job {
  readonly attempts: number
  readonly last_error: string | null
  readonly locked_at: Date | null
}

async function jobs(db: Database): Promise<Job[]> {
  const { rows } = await db.sql.execute<Job & Record<string, unknown>>(
    sql`select * from graphile_worker.jobs where task_identifier = 'send-invitation' order by id`,
  )
  return rows
}

/** The queue's pauses between tries grow from seconds to hours; here is nobody who would wait for them. */
async function hurry(db: Database): Promise<void> {
  await db.sql.execute(
    sql`select graphile_worker.reschedule_jobs(array(select id from graphile_worker.jobs), run_at => now())`,
  )
}

const TWO_MINUTES = 120_000

export async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = Date.now() + TWO_MINUTES; Date.now() < end; await pause(20)) if (await isSo()) return
  throw new Error(`in vain: ${what}`)
}

/** The code of the link in the text, as whoever clicks it would bring it along. */
export function codeIn({ text = '' }: { text?: string | undefined }): string {
  const code = new RegExp(`${APP_URL}#code=(\\S+)`).exec(text)?.[1]
  if (!code) throw new Error('there is no link in this mail')
  return code
}

export function codesIn(received: readonly Received[]): string[] {
  return received.map(({ mail }) => codeIn(mail))
}
