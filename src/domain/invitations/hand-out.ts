import type { Tx } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { acceptUrl, newCode } from './code.ts'
import type { Secret } from './invitation.ts'
import type { Limits } from './limits.ts'
import { sendByMail, sendInAnswer } from './queries/sendings.ts'

export interface InvitationSettings {
  /** Where the invited go; see `acceptUrl`. */
  readonly appUrl: string
  readonly limits: Limits
}

/**
 * Gives the secret to the one place it goes to: a mail, whose job makes the code only when it is sent, or this answer.
 * Part of the transaction that makes or renews the invitation, behind the statement that does.
 *
 * @returns the secret, where the answer is its place.
 */
export async function handOut(
  tx: Tx,
  { appUrl }: InvitationSettings,
  sender: Actor,
  { mailTo, ...place }: { orgId: string; id: string; mailTo: string | null },
  resend: boolean,
): Promise<Secret> {
  const sending = { resend, sentBy: sender.type === 'user' ? sender.id : null }
  if (mailTo !== null) {
    await sendByMail(tx, place, mailTo, sending)
    return {}
  }
  const { code, hash } = newCode()
  await sendInAnswer(tx, place, hash, sending)
  return { code, acceptUrl: acceptUrl(appUrl, code) }
}
