import { DomainError } from '../errors.ts'
import type { Role } from '../roles.ts'

/** The way in which a member came into the organisation. */
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

/** Members in a wanted set, at most: one statement changes them well within its two seconds. */
export const MOST_MEMBERS = 10_000

export function memberNotFound(): DomainError {
  return new DomainError('member_not_found', 'This user is not a member of the organisation.')
}

/**
 * Keeps an Admin in every live organisation. Every change that takes away the Admin role, or a member, calls this
 * first.
 *
 * `hasAnother` is read under the org's lock (`lockOrg`). Without the lock, two concurrent callers would each see the
 * other Admin, and both would go. The proof is test/races.
 *
 * @throws last_admin when there is no other Admin.
 */
export function refuseLastAdmin(hasAnother: boolean): void {
  if (!hasAnother)
    throw new DomainError('last_admin', 'An organisation needs an Admin. Make somebody else Admin first.')
}
