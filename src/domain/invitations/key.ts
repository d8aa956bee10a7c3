import type { Actor } from '../actor.ts'
import { hashCode } from './code.ts'
import { invitationNotFound } from './invitation.ts'
import type { Key } from './queries/claims.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * What a caller holds: a code, or the id of an invitation that the bell showed to their verified address.
 *
 * @throws invitation_not_found when it can be neither.
 */
export function keyOf(held: string, actor: Actor | undefined): Key {
  const hash = UUID.test(held) ? null : hashCode(held)
  if (hash) return { hash }
  if (UUID.test(held) && actor?.type === 'user' && actor.email !== null && actor.emailVerified)
    return { id: held, email: actor.email }
  throw invitationNotFound()
}
