import { DomainError } from '../errors.ts'
import type { Role } from '../roles.ts'

export type MemberAccess = 'granted' | 'all'

export interface Org {
  readonly id: string
  readonly name: string
  readonly slug: string | null
  readonly logoUrl: string | null
  readonly memberAccess: MemberAccess
  readonly metadata: Record<string, unknown>
  readonly externalId: string | null
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** An organisation as one user sees it, with their role. A service has no role of its own. */
export interface OrgWithRole extends Org {
  readonly role: Role | null
}

/** Days during which a deleted organisation can be restored. */
export const RESTORABLE_DAYS = 30

/** @throws confirmation_mismatch unless the caller typed the exact name of the organisation. */
export function refuseUnconfirmed(org: Org, confirm: string): void {
  if (confirm !== org.name)
    throw new DomainError(
      'confirmation_mismatch',
      "`confirm` must be the organisation's name, exactly as it is written.",
    )
}

export function orgNotFound(): DomainError {
  return new DomainError('org_not_found', 'There is no such organisation, or you are not a member of it.')
}

export function personalOrgName(user: { name: string | null; email: string | null }): string {
  const owner = user.name ?? user.email?.split('@')[0]
  return owner ? `${[...owner].slice(0, 80).join('').trim()}'s organisation` : 'My organisation'
}
