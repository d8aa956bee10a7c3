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
