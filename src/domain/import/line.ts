import type { MemberAccess } from '../orgs/org.ts'
import type { Role } from '../roles.ts'

// A file of organisations, members, resources and grants has a line for each. Everything that a line names stands in an
// earlier line, or exists already. `org` and `resource` name things by their `externalId`, or by Muster's id.

export interface OrgLine {
  readonly type: 'org'
  readonly externalId: string
  readonly name: string
  /** The first Admin: an organisation has one from its first moment. */
  readonly adminUserId: string
  readonly slug?: string
  readonly logoUrl?: string
  readonly memberAccess?: MemberAccess
  readonly metadata?: Record<string, unknown>
  /** The user at whose sign-up Muster made the organisation and named it after them. */
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
  /** True when they have signed up before: their next sign-in makes no organisation for them. */
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

/** A grant of a role. A user who is not a member becomes one. */
export interface GrantLine {
  readonly type: 'grant'
  readonly org: string
  readonly resource: string
  readonly userId: string
  readonly role: Role
}

export type Line = OrgLine | MemberLine | ResourceLine | GrantLine

/** The reason why a line is refused. */
export interface Refused {
  readonly refused: string
}

/** `there`: it existed before, alike or different; an import changes nothing that exists. */
export type Outcome = 'added' | 'there' | Refused

/** Outcomes by the number of the line. */
export type Outcomes = Map<number, Outcome>

export interface Numbered<L extends Line = Line> {
  /** The number of the line in the file, from 1. */
  readonly number: number
  readonly line: L
}

/** Returns the name of the organisation that a line makes or is about. */
export function orgNameOf(line: Line): string {
  return line.type === 'org' ? line.externalId : line.org
}

/** Returns the names of the resources that a line makes or is about. */
export function resourceNamesIn(line: Line): string[] {
  if (line.type === 'grant') return [line.resource]
  if (line.type !== 'resource') return []
  return [line.externalId, ...(line.parent === undefined ? [] : [line.parent])]
}
