import { type Db, theOne } from '../../db/client.ts'
import type { Actor } from '../actor.ts'
import { DomainError, invalid } from '../errors.ts'
import { isOrgPermission, isResourcePermission, type Permission, type Role, roleAllows } from '../roles.ts'
import { findStandings, type Standing } from './queries/check.ts'

/** One question: may this user do this here? */
export interface Question {
  readonly orgId: string
  readonly permission: Permission
  readonly resourceId?: string
  /** Absent: the caller. */
  readonly userId?: string
}

interface Verdict {
  readonly allowed: boolean
  /** The strongest role of the user there, even when it does not suffice. Null: none. */
  readonly role: Role | null
  /** The place where that role was given. */
  readonly source: { readonly type: 'organization' | 'resource'; readonly id: string } | null
}

/**
 * Answers the questions in their order, with one statement for all. A place that does not exist allows nothing, and
 * looks the same as one that belongs to others.
 *
 * @throws forbidden when a user asks about another, and for a service without `muster:check`; invalid_request for a
 *   permission that does not exist at such a place, and for a service that names no user.
 */
export async function checkAccess(db: Db, actor: Actor, questions: readonly Question[]): Promise<Verdict[]> {
  const places = questions.map((question, position) => {
    refuseMisplaced(question, position)
    const { orgId, resourceId = null } = question
    return { orgId, resourceId, userId: subjectOf(question, position, actor) }
  })
  const standings = await findStandings(db.sql, places)
  return questions.map((question, position) => verdict(question, theOne(standings[position])))
}

function verdict({ permission, orgId }: Question, { role, grantedOn }: Standing): Verdict {
  if (!role) return { allowed: false, role, source: null }
  const source = grantedOn
    ? { type: 'resource' as const, id: grantedOn }
    : { type: 'organization' as const, id: orgId.toLowerCase() }
  return { allowed: roleAllows(role, permission), role, source }
}

function subjectOf({ userId }: Question, position: number, actor: Actor): string {
  if (actor.type === 'service') {
    if (!actor.scopes.has('muster:check'))
      throw new DomainError('forbidden', 'This needs a service token with the scope muster:check.')
    if (userId === undefined)
      throw invalid(`/checks/${position}/userId`, 'A service must name the user whose right it asks about.')
    return userId
  }
  if (userId !== undefined && userId !== actor.id)
    throw new DomainError(
      'forbidden',
      'You may ask only about yourself. A service with the scope muster:check may ask about others.',
    )
  return actor.id
}

/** Refuses a question whose answer can only be no: the caller has made a mistake, and it is kinder to say so. */
function refuseMisplaced({ permission, resourceId }: Question, position: number): void {
  const pointer = `/checks/${position}/permission`
  if (resourceId === undefined && !isOrgPermission(permission))
    throw invalid(pointer, `${permission} is a permission on resources. Name one in \`resourceId\`.`)
  if (resourceId !== undefined && !isResourcePermission(permission))
    throw invalid(pointer, `${permission} is a permission in organisations. Leave out \`resourceId\`.`)
}
