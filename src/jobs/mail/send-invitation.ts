import type { JobHelpers } from 'graphile-worker'
import { type Db, type Tx, together } from '../../db/client.ts'
import { acceptUrl, newCode } from '../../domain/invitations/code.ts'
import type { Log } from '../log.ts'
import { invitationMail } from './invitation-mail.ts'
import { type Mail, MailError, type Mailer } from './mailer.ts'
import { lockInvitationOfSending, markFailed, markNotNeeded, markSent, takeDueSending } from './queries.ts'

export interface MailDeps {
  readonly db: Db
  readonly mailer: Mailer
  /** Where the invited go; see `acceptUrl`. */
  readonly appUrl: string
  readonly from: { readonly name: string }
  readonly log: Log
}

/** Milliseconds for the talk with the mail server, however slowly it talks. */
const TIME = 60_000

/**
 * Sends one mail at least once. The code is made here and committed before the mail goes, so that whatever arrives
 * opens the invitation; a retry makes a further code under the same Message-ID. See docs/decisions/0003.
 *
 * @throws MailError when it is to be tried again: the queue does so, with growing pauses. A permanent refusal and a
 *   last attempt that failed end in `delivery: "failed"`.
 */
export async function sendInvitation(
  deps: MailDeps,
  sendingId: string,
  { job, abortSignal }: Pick<JobHelpers, 'job' | 'abortSignal'>,
): Promise<void> {
  const { db, mailer, log } = deps
  const mail = await db.transaction((tx) => prepare(tx, deps, sendingId))
  if (!mail) return
  try {
    await mailer.send(mail, AbortSignal.any([abortSignal, AbortSignal.timeout(TIME)]))
  } catch (error) {
    const refused = error instanceof MailError && error.permanent
    if (!refused && job.attempts < job.max_attempts) throw error
    log.warn({ sendingId, reason: error instanceof Error ? error.message : '' }, 'gave up on a mail')
    return db.transaction((tx) => markLocked(tx, sendingId, markFailed))
  }
  await db.transaction((tx) => markLocked(tx, sendingId, markSent))
}

/** Undefined where no mail is due any more. */
async function prepare(tx: Tx, { appUrl, from }: MailDeps, sendingId: string): Promise<Mail | undefined> {
  const { code, hash } = newCode()
  const [, due] = await together(lockInvitationOfSending(tx, sendingId), takeDueSending(tx, sendingId, hash))
  if (!due) {
    await markNotNeeded(tx, sendingId)
    return undefined
  }
  const content = invitationMail({ ...due, product: from.name, code, acceptUrl: acceptUrl(appUrl, code) })
  return { id: sendingId, createdAt: due.createdAt, to: due.email, ...content }
}

/** A resend that has just won the lock has made another sending the newest, and this one says nothing any more. */
async function markLocked(tx: Tx, sendingId: string, mark: typeof markSent): Promise<void> {
  await together(lockInvitationOfSending(tx, sendingId), mark(tx, sendingId))
}
