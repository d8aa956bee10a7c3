import type { Tx } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { acceptUrl, newCode } from './code.ts'
import type { HandedOut, Invitation } from './invitation.ts'
import type { Limits } from './limits.ts'
import { enqueueMail, insertCode, insertSending } from './queries/sendings.ts'

export interface InvitationSettings {
  /** Where the invited go; see `acceptUrl`. */
  readonly appUrl: string
  readonly limits: Limits
}

/**
 * Gives the secret to the one place it goes to: a mail, whose job makes the code only when it is sent, or this answer.
 * Part of the transaction that made or renewed the invitation.
 */
export async function handOut(
  tx: Tx,
  { appUrl }: InvitationSettings,
  sender: Actor,
  invitation: Invitation,
  resend: boolean,
): Promise<HandedOut> {
  const byMail = invitation.delivery !== 'none'
  const sendingId = await insertSending(tx, invitation, {
    email: byMail ? invitation.email : null,
    resend,
    sentBy: sender.type === 'user' ? sender.id : null,
  })
  if (byMail) {
    await enqueueMail(tx, sendingId)
    return invitation
  }
  const { code, hash } = newCode()
  await insertCode(tx, invitation, hash)
  return { ...invitation, code, acceptUrl: acceptUrl(appUrl, code) }
}
