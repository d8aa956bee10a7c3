import { DomainError, invalid } from '../errors.ts'
import type { Role } from '../roles.ts'
import { canonicalEmail } from './email.ts'

/** What an identity provider tells of a person. */
export interface Profile {
  readonly id: string
  readonly email: string | null
  readonly emailVerified: boolean
  readonly name: string | null
}

/** What is known of somebody, and what their token says of it: a token that leaves a claim out takes nothing back. */
export function merged(known: Profile | null, { id, email, emailVerified, name }: Profile): Profile {
  const address = email === null && known ? known : { email, emailVerified }
  return {
    id,
    email: address.email,
    emailVerified: address.emailVerified,
    name: name ?? known?.name ?? null,
  }
}

/** What a backend tells of somebody. What it leaves out stays as it is known. */
export interface ProfileInput {
  readonly email?: string
  /** Absent: an address that is known to be verified stays so, and another one is not. */
  readonly emailVerified?: boolean
  readonly name?: string
}

/** In the one spelling of addresses. @throws invalid_request. */
export function profileInput({ email, ...rest }: ProfileInput, at = ''): ProfileInput {
  if (email === undefined) return rest
  const canonical = canonicalEmail(email)
  if (canonical === null) throw invalid(`${at}/email`, 'This is not an e-mail address that Muster takes.')
  return { ...rest, email: canonical }
}

export function userNotFound(): DomainError {
  return new DomainError('user_not_found', 'Muster knows no such user.')
}

/** The address that invitations find this person by. */
export function verifiedEmailOf({ email, emailVerified }: Profile): string | null {
  return emailVerified ? email : null
}

/** What a dashboard shows first: who I am, the org switcher, the bell. */
export interface Overview {
  readonly user: Profile
  readonly orgs: {
    readonly id: string
    readonly name: string
    readonly slug: string | null
    readonly logoUrl: string | null
    readonly role: Role
  }[]
  /** More organisations than an overview holds; `GET /orgs` pages through them all. */
  readonly moreOrgs: boolean
  readonly openInvitations: number
}

/** The same as a backend sees it. */
export type Account = Omit<Overview, 'openInvitations'>

export const ORGS_IN_OVERVIEW = 100
