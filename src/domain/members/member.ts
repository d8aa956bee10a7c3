import { DomainError } from '../errors.ts'
import type { Role } from '../roles.ts'

/** How somebody came into the organisation. */
export type Source = 'created' | 'invitation' | 'provisioned'

export interface Member {
  readonly userId: string
  readonly name: string | null
  readonly email: string | null
  readonly role: Role
  readonly source: Source
  readonly joinedAt: Date
  readonly version: number
}

/** Of a wanted set: what one statement changes well within its two seconds. */
export const MOST_MEMBERS = 10_000

export function memberNotFound(): DomainError {
  return new DomainError('member_not_found', 'This user is not a member of the organisation.')
}

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
