import { DomainError } from '../errors.ts'
import type { Role } from '../roles.ts'

/** Anything that lives in an organisation: a workspace, a domain in a workspace, a project. */
export interface Resource {
  readonly id: string
  readonly orgId: string
  readonly parentId: string | null
  /** Ids from the root of the tree down to this one, at most MAX_DEPTH. */
  readonly path: string[]
  /** A short slug that the product chooses. */
  readonly type: string
  readonly name: string
  readonly externalId: string | null
  readonly metadata: Record<string, unknown>
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** The place of a resource in the tree. */
export type TreePlace = Pick<Resource, 'parentId' | 'path'>

/** @param parent null means the root. */
export function placeBelow(parent: Resource | null, id: string): TreePlace {
  return { parentId: parent?.id ?? null, path: [...(parent?.path ?? []), id] }
}

/** A resource as one user sees it, with their strongest role there. A service has no role of its own. */
export interface ResourceWithRole extends Resource {
  readonly role: Role | null
}

export const MAX_DEPTH = 8

/** Resources that are deleted or moved at once, at most: one statement does it well within its two seconds. */
export const MAX_BRANCH = 10_000

/** @throws resource_cycle when the resource would lie below itself. */
export function refuseCycle(resource: Resource, parent: Resource | null): void {
  if (parent?.path.includes(resource.id))
    throw new DomainError('resource_cycle', 'A resource cannot be moved into itself or below itself.', {
      pointer: '/parentId',
    })
}

export function tooDeep(): DomainError {
  return new DomainError('resource_too_deep', `A tree of resources is at most ${MAX_DEPTH} deep.`, {
    pointer: '/parentId',
  })
}

/** @throws branch_too_large, so that no caller waits for a statement that cannot end in time. */
export function refuseLargeBranch(size: number): void {
  if (size > MAX_BRANCH)
    throw new DomainError(
      'branch_too_large',
      `At most ${MAX_BRANCH} resources can be deleted or moved at once. Start with a branch further down.`,
    )
}

/** @param pointer points at the resource in the body; absent when the path names it. */
export function resourceNotFound(pointer?: string): DomainError {
  return new DomainError(
    'resource_not_found',
    'There is no such resource in this organisation.',
    pointer === undefined ? {} : { pointer },
  )
}
