import { atSavepoint, type Db } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { DomainError } from '../errors.ts'
import { lockOrgFor } from '../orgs/lock.ts'
import { canonicalEmail } from '../users/email.ts'
import type { DraftInput } from './draft.ts'
import type { HandedOut, InvitationSettings } from './invitation.ts'
import { addInvitation, consider } from './invite.ts'

export type BatchResult = { readonly invitation: HandedOut } | { readonly refusal: DomainError }

/**
 * Makes several invitations. Each succeeds or fails by itself. Those that succeed are made in one transaction: if the
 * process dies in the middle, none is made. They are made in the order of their addresses, because two batches that
 * count for the same addresses in different order would deadlock. The results are in the order of the input.
 *
 * @throws org_not_found, forbidden, for the batch as a whole.
 */
export async function inviteBatch(
  db: Db,
  actor: Actor,
  { orgId, invitations }: { orgId: string; invitations: readonly DraftInput[] },
  settings: InvitationSettings,
): Promise<BatchResult[]> {
  const inOrder = invitations
    .map((input, position) => ({ input, position, address: canonicalEmail(input.email ?? '') ?? '' }))
    .sort((a, b) => (a.address < b.address ? -1 : 1))
  return db.transaction(async (tx) => {
    await lockOrgFor(tx, actor, 'invitations:manage', orgId)
    const results: BatchResult[] = []
    for (const { input, position } of inOrder)
      results[position] = await attempt(() =>
        atSavepoint(tx, async () => {
          const considered = await consider(tx, actor, { ...input, orgId }, settings)
          return addInvitation(tx, actor, { ...considered, orgId }, settings)
        }),
      )
    return results
  })
}

async function attempt(work: () => Promise<HandedOut>): Promise<BatchResult> {
  try {
    return { invitation: await work() }
  } catch (error) {
    if (error instanceof DomainError) return { refusal: error }
    throw error
  }
}
