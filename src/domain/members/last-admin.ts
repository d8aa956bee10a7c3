import { DomainError } from '../errors.ts'

/**
 * A live organisation always has an Admin. Asked before every change that takes the Admin role, or a member, away.
 *
 * `hasAnother` is read behind the org's lock (`lockOrg`); without it two who ask at the same time each see the other,
 * and both go. The proof is test/races.
 *
 * @throws last_admin when there is no other Admin.
 */
export function refuseLastAdmin(hasAnother: boolean): void {
  if (!hasAnother)
    throw new DomainError('last_admin', 'An organisation needs an Admin. Make somebody else Admin first.')
}
