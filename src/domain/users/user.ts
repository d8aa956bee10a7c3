import { DomainError, invalid } from '../errors.ts'
import type { Role } from '../roles.ts'
import { canonicalEmail } from './email.ts'

/** A person as an identity provider describes them. */
export interface Profile {
  readonly id: string
  readonly email: string | null
  readonly emailVerified: boolean
  readonly name: string | null
}

/** Merges what is known of a user with what their token says. A claim that the token leaves out takes nothing back. */
export function merged(known: Profile | null, { id, email, emailVerified, name }: Profile): Profile {
  const address = email === null && known ? known : { email, emailVerified }
  return {
    id,
    email: address.email,
    emailVerified: address.emailVerified,
    name: name ?? known?.name ?? null,
  }
}

/** Data that a backend reports about a user. A field that it leaves out stays as it is known. */
export interface ProfileInput {
  readonly email?: string
  /** Absent: an address known to be verified stays verified; any other address is not verified. */
  readonly emailVerified?: boolean
  readonly name?: string
}

/** Brings the address into its one spelling. @throws invalid_request. */
export function profileInput({ email, ...rest }: ProfileInput, at = ''): ProfileInput {
  if (email === undefined) return rest
  const canonical = canonicalEmail(email)
  if (canonical === null) throw invalid(`${at}/email`, 'This is not an e-mail address that Muster takes.')
  return { ...rest, email: canonical }
}

export function userNotFound(): DomainError {
  return new DomainError('user_not_found', 'Muster knows no such user.')
}

/** Returns the address by which invitations find this person. */
export function verifiedEmailOf({ email, emailVerified }: Profile): string | null {
  return emailVerified ? email : null
}

/** Data that a dashboard shows first: the user, the org switcher, the bell. */
export interface Overview {
  readonly user: Profile
  readonly orgs: {
    readonly id: string
    readonly name: string
    readonly slug: string | null
    readonly logoUrl: string | null
    readonly role: Role
  }[]
  /** True when there are more organisations than an overview holds; `GET /orgs` pages through them all. */
  readonly moreOrgs: boolean
  readonly openInvitations: number
}

/** The overview as a backend sees it. */
export type Account = Omit<Overview, 'openInvitations'>

export const ORGS_IN_OVERVIEW = 100
