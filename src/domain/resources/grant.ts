import type { NamedActor } from '../actor.ts'
import { DomainError } from '../errors.ts'
import type { Role } from '../roles.ts'

/** A role of a member on one resource, and so on everything below it. */
export interface Grant {
  readonly orgId: string
  readonly resourceId: string
  readonly userId: string
  readonly role: Role
  /** When the role became what it is, and by whom. */
  readonly grantedAt: Date
  readonly grantedBy: NamedActor
  readonly version: number
}

/** A role on a resource, for whoever is meant. */
export interface ResourceRole {
  readonly resourceId: string
  readonly role: Role
}

export function grantNotFound(): DomainError {
  return new DomainError('grant_not_found', 'This user was granted no role on this very resource.')
}
