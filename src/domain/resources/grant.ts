import type { NamedActor } from '../actor.ts'
import { DomainError } from '../errors.ts'
import type { Role } from '../roles.ts'

/** A role of a member on one resource, and so on everything below it. */
export interface Grant {
  readonly orgId: string
  readonly resourceId: string
  readonly userId: string
  readonly role: Role
  /** The time of the last change of the role, and its actor. */
  readonly grantedAt: Date
  readonly grantedBy: NamedActor
  readonly version: number
}

/** A role on a resource, without the user who has it. */
export interface ResourceRole {
  readonly resourceId: string
  readonly role: Role
}

export function grantNotFound(): DomainError {
  return new DomainError('grant_not_found', 'This user was granted no role on this very resource.')
}
