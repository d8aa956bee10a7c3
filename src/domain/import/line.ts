import type { MemberAccess } from '../orgs/org.ts'
import type { Role } from '../roles.ts'

// What a file of organisations, members, resources and grants consists of: a line each. Whatever a line names stands
// before it, or is there already. `org` and `resource` name things by their `externalId`, or by Muster's id.

export interface OrgLine {
  readonly type: 'org'
  readonly externalId: string
  readonly name: string
  /** An organisation always has an Admin, from its first moment. */
  readonly adminUserId: string
  readonly slug?: string
  readonly logoUrl?: string
  readonly memberAccess?: MemberAccess
  readonly metadata?: Record<string, unknown>
  /** The user for whom Muster made and named it, at their sign-up. */
  readonly namedAfter?: string
}

export interface MemberLine {
  readonly type: 'member'
  readonly org: string
  readonly userId: string
  readonly role: Role
  readonly email?: string
  readonly emailVerified?: boolean
  readonly name?: string
  /** They have signed up before: their next sign-in makes them no organisation of their own. */
  readonly signedUp?: boolean
}

export interface ResourceLine {
  readonly type: 'resource'
  readonly org: string
  readonly externalId: string
  /** Absent: at the root. */
  readonly parent?: string
  readonly resourceType: string
  readonly name: string
  readonly metadata?: Record<string, unknown>
}

/** Whoever is granted a role without being a member becomes one. */
export interface GrantLine {
  readonly type: 'grant'
  readonly org: string
  readonly resource: string
  readonly userId: string
  readonly role: Role
}

export type Line = OrgLine | MemberLine | ResourceLine | GrantLine

/** Why a line is refused. */
export interface Refused {
  readonly refused: string
}

/** `there`: it was so, or otherwise, before; an import changes nothing that is there. */
export type Outcome = 'added' | 'there' | Refused

/** By the number of the line. */
export type Outcomes = Map<number, Outcome>

export interface Numbered<L extends Line = Line> {
  /** In the file, from 1. */
  readonly number: number
  readonly line: L
}

/** The organisation that a line is, or is about. */
export function orgNameOf(line: Line): string {
  return line.type === 'org' ? line.externalId : line.org
}

/** The resources that a line is, or is about. */
export function resourceNamesIn(line: Line): string[] {
  if (line.type === 'grant') return [line.resource]
  if (line.type !== 'resource') return []
  return [line.externalId, ...(line.parent === undefined ? [] : [line.parent])]
}
