import type { Db } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { keyOf, refuseEnded, refuseUnvouched } from './claim.ts'
import { invitationNotFound } from './invitation.ts'
import { type Guesser, refuseGuesser } from './limits.ts'
import { type Offer, offerOf } from './offer.ts'
import { findByKey } from './queries/lists.ts'

/**
 * Shows what a code would lead to, and changes nothing. Runs one statement.
 *
 * @param actor undefined for a caller who holds a code and has not signed in.
 * @throws rate_limited, invitation_not_found, invitation_used, invitation_declined, invitation_revoked,
 *   invitation_expired.
 */
export async function previewInvitation(
  db: Db,
  actor: Actor | undefined,
  { code, guesser }: { code: string; guesser: Guesser },
): Promise<Offer> {
  const found = await findByKey(db.sql, keyOf(code, actor), guesser.triedBy)
  const { guesses, inviterIsAdmin, invitation, org } = found
  refuseGuesser(guesser, guesses)
  if (!invitation || !org) throw invitationNotFound()
  refuseEnded(invitation)
  refuseUnvouched({ invitation, inviterIsAdmin })
  return offerOf({ invitation, org })
}
