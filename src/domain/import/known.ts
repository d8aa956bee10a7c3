import type { Org } from '../orgs/org.ts'
import type { Resource } from '../resources/resource.ts'

/** An organisation that lines name. */
export interface NamedOrg {
  readonly id: string
  /** The number of the line that made it; 0: it was there. What stands before that line cannot name it. */
  readonly since: number
  /** Why nothing can be added to it. */
  readonly trouble: string | null
  /** As that line made it. */
  readonly made?: Org
}

/** A resource, as far as one below it has to know. */
export type TreeNode = Pick<Resource, 'id' | 'path'>

/** What is there: at first in the database, read under the locks of the organisations, then also by the lines before. */
export interface Known {
  /** By `memberKey`. */
  readonly members: Set<string>
  /** By `resourceKey`. Null: the name leads to two. */
  readonly resources: Map<string, TreeNode | null>
  /** By `grantKey`. */
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
