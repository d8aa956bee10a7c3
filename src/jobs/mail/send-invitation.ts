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
  /** Page where the invited accept; see `acceptUrl`. */
  readonly appUrl: string
  readonly from: { readonly name: string }
  readonly log: Log
}

/** Milliseconds for the whole exchange with the mail server, however slow it is. */
const TIME = 60_000

/**
 * Sends one mail at least once. The code is committed before the mail goes, so that any mail that arrives opens the
 * invitation. A retry makes a further code under the same Message-ID. See docs/decisions/0003.
 *
 * @throws MailError when the queue is to try again, which it does with growing pauses. A permanent refusal and a failed
 *   last attempt end in `delivery: "failed"`.
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

/** Returns undefined where no mail is due any more. */
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

/** Marks under the invitation's lock. If a resend has just won it, this sending no longer changes the invitation. */
async function markLocked(tx: Tx, sendingId: string, mark: typeof markSent): Promise<void> {
  await together(lockInvitationOfSending(tx, sendingId), mark(tx, sendingId))
}
