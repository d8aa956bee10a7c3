import type { Tx } from '../../db/client.ts'
import { DomainError } from '../errors.ts'
import { hasAdminBesides } from './queries/members.ts'

/**
 * A live organisation always has an Admin. Asked before every change that takes the Admin role, or a member, away.
 *
 * The caller holds the org's lock (`lockOrg`); without it two who ask at the same time each see the other,
 * and both go. The proof is test/races.
 *
 * @throws last_admin when nobody besides `userId` is Admin.
 */
export async function refuseLastAdmin(tx: Tx, orgId: string, userId: string): Promise<void> {
  if (!(await hasAdminBesides(tx, orgId, userId)))
    throw new DomainError('last_admin', 'An organisation needs an Admin. Make somebody else Admin first.')
}
