import type { Org } from '../orgs/org.ts'
import type { Resource } from '../resources/resource.ts'

/** An organisation that lines name. */
export interface NamedOrg {
  readonly id: string
  /** The number of the line that made it; 0 if it existed before. An earlier line cannot name it. */
  readonly since: number
  /** The reason why nothing can be added to it. */
  readonly trouble: string | null
  /** The organisation as that line made it. */
  readonly made?: Org
}

/** A resource, with what a resource below it needs. */
export type TreeNode = Pick<Resource, 'id' | 'path'>

/**
 * The things that exist: those in the database, read under the locks of the organisations, then those of earlier lines
 * too.
 */
export interface Known {
  /** Keys made by `memberKey`. */
  readonly members: Set<string>
  /** Keys made by `resourceKey`. Null: the name matches two resources. */
  readonly resources: Map<string, TreeNode | null>
  /** Keys made by `grantKey`. */
  readonly grants: Set<string>
}

export function memberKey({ orgId, userId }: { orgId: string; userId: string }): string {
  return `${orgId} ${userId}`
}

export function resourceKey({ orgId, name }: { orgId: string; name: string }): string {
  return `${orgId} ${name}`
}

export function grantKey(grant: { orgId: string; userId: string; resourceId: string }): string {
  return `${grant.orgId} ${grant.userId} ${grant.resourceId}`
}
