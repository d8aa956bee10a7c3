import { DomainError, invalid } from '../errors.ts'
import type { ResourceRole } from '../resources/grant.ts'
import { resourceNotFound } from '../resources/resource.ts'
import type { Role } from '../roles.ts'
import { canonicalDomain, canonicalEmail } from '../users/email.ts'

/** An invitation as an Admin asks for it, with its addresses in the one spelling. */
export interface Draft {
  readonly email: string | null
  readonly role: Role
  readonly resourceRoles: ResourceRole[]
  readonly expiresInDays: number
  readonly maxUses: number
  readonly allowedEmailDomains: string[]
  readonly message: string | null
  readonly metadata: Record<string, unknown>
  readonly notify: boolean
}

/** The time, by the database's clock, when an invitation that is made or renewed now will lapse. */
export interface Term {
  readonly expiresAt: Date
}

/** The fields of a pending invitation that can be changed; `resourceRoles` is replaced as a whole. */
export interface InvitationChange {
  readonly role?: Role
  readonly resourceRoles?: ResourceRole[]
  readonly expiresInDays?: number
}

export type DraftInput = Partial<Omit<Draft, 'email'>> & { email?: string | undefined }

/** @throws invalid_request, role_not_allowed. */
export function draftOf(input: DraftInput): Draft {
  const email = input.email === undefined ? null : addressOf(input.email)
  const role = input.role ?? 'member'
  const { maxUses = 1, allowedEmailDomains = [] } = input
  const rights = rightsOf({ email, role, resourceRoles: input.resourceRoles ?? [] })
  if (email !== null && maxUses > 1) throw invalid('/maxUses', 'An invitation for an address is used once.')
  if (email !== null && allowedEmailDomains.length > 0)
    throw invalid('/allowedEmailDomains', 'Only an open code, one without `email`, can allow domains.')
  return {
    ...rights,
    maxUses,
    allowedEmailDomains: [...new Set(allowedEmailDomains.map(allowedDomain))],
    expiresInDays: input.expiresInDays ?? 7,
    message: input.message ?? null,
    metadata: input.metadata ?? {},
    notify: (input.notify ?? true) && email !== null,
  }
}

type Rights = Pick<Draft, 'email' | 'role' | 'resourceRoles'>

/**
 * Brings the rights of an invitation into their one spelling. An open code never makes an Admin, of the organisation or
 * of a resource, because anyone who finds it could use it.
 *
 * @throws role_not_allowed, invalid_request.
 */
export function rightsOf({ email, role, resourceRoles }: Rights): Rights {
  if (email === null && role === 'admin') throw openAdmin('/role')
  const byId = new Map<string, ResourceRole>()
  for (const [position, { resourceId, role: roleThere }] of resourceRoles.entries()) {
    const pointer = `/resourceRoles/${position}`
    if (email === null && roleThere === 'admin') throw openAdmin(`${pointer}/role`)
    const id = resourceId.toLowerCase()
    if (byId.has(id)) throw invalid(`${pointer}/resourceId`, 'This resource is named twice.')
    byId.set(id, { resourceId: id, role: roleThere })
  }
  return { email, role, resourceRoles: [...byId.values()] }
}

/**
 * Refuses rights on resources that do not exist when the invitation is made or changed.
 *
 * @param existing resources of the organisation, read under its lock.
 * @throws resource_not_found.
 */
export function refuseMissing(resourceRoles: readonly ResourceRole[], existing: ReadonlySet<string>): void {
  const missing = resourceRoles.findIndex(({ resourceId }) => !existing.has(resourceId))
  if (missing >= 0) throw resourceNotFound(`/resourceRoles/${missing}/resourceId`)
}

function openAdmin(pointer: string): DomainError {
  return new DomainError('role_not_allowed', 'An open code never makes an Admin. Invite by e-mail.', {
    pointer,
  })
}

function addressOf(text: string): string {
  const email = canonicalEmail(text)
  if (email === null) throw invalid('/email', 'This is not an e-mail address that Muster takes.')
  return email
}

function allowedDomain(text: string, position: number): string {
  const domain = canonicalDomain(text)
  if (domain === null) throw invalid(`/allowedEmailDomains/${position}`, 'This is not a domain name.')
  return domain
}
