import { v7 as uuidv7 } from 'uuid'
import type { Org } from '../orgs/org.ts'
import { MAX_DEPTH, type Resource } from '../resources/resource.ts'
import type { Role } from '../roles.ts'
import { grantKey, type Known, memberKey, type NamedOrg, resourceKey, type TreeNode } from './known.ts'
import type { GrantLine, Numbered, OrgLine, Refused, ResourceLine } from './line.ts'

export interface ToJoin {
  readonly orgId: string
  readonly userId: string
  readonly role: Role
}

export interface ToGrant extends ToJoin {
  readonly resourceId: string
}

/** One thing that a line adds. */
export type Addition =
  | { readonly type: 'org'; readonly org: Org; readonly namedAfterAdmin: boolean }
  | { readonly type: 'member'; readonly member: ToJoin }
  | { readonly type: 'resource'; readonly name: string; readonly resource: Resource }
  | { readonly type: 'grant'; readonly grant: ToGrant }

/**
 * Returns what a line adds to what is known (nothing, if all of it is known), or why it is refused. Changes nothing.
 */
export function judge(
  { number, line }: Numbered,
  org: NamedOrg | undefined,
  known: Known,
): readonly Addition[] | Refused {
  if (line.type === 'org') {
    if (!org || number < org.since) return { refused: 'another organisation has its slug' }
    return org.since === number && org.made ? foundation(org.made, line) : []
  }
  if (!org || number < org.since) return { refused: 'its organisation is not there' }
  if (org.trouble !== null) return { refused: org.trouble }
  if (line.type === 'member') return membership({ ...line, orgId: org.id }, known)
  if (line.type === 'resource') return placement(line, org.id, known)
  return grantOf(line, org.id, known)
}

/** Adds the organisation with its Admin, a member from its first moment. It is theirs if it is named after them. */
function foundation(org: Org, { adminUserId, namedAfter }: OrgLine): Addition[] {
  return [
    { type: 'org', org, namedAfterAdmin: namedAfter === adminUserId },
    { type: 'member', member: { orgId: org.id, userId: adminUserId, role: 'admin' } },
  ]
}

function membership({ orgId, userId, role }: ToJoin, { members }: Known): Addition[] {
  const member = { orgId, userId, role }
  return members.has(memberKey(member)) ? [] : [{ type: 'member', member }]
}

function placement(line: ResourceLine, orgId: string, { resources }: Known): Addition[] | Refused {
  const name = line.externalId
  const there = resources.get(resourceKey({ orgId, name }))
  if (there === null) return { refused: TWO_RESOURCES }
  if (there !== undefined) return []
  const parent = line.parent === undefined ? ROOT : resources.get(resourceKey({ orgId, name: line.parent }))
  if (parent === undefined) return { refused: 'its parent is not there' }
  if (parent === null) return { refused: TWO_RESOURCES }
  if (parent.path.length >= MAX_DEPTH) return { refused: `a tree of resources is at most ${MAX_DEPTH} deep` }
  return [{ type: 'resource', name, resource: newResource(line, orgId, parent) }]
}

const TWO_RESOURCES = 'it names two resources, one by its externalId and one by its id'
const ROOT: TreeNode = { id: '', path: [] }

function newResource(
  { externalId, resourceType, name, metadata = {} }: ResourceLine,
  orgId: string,
  parent: TreeNode,
): Resource {
  const id = uuidv7()
  const now = new Date()
  return {
    id,
    orgId,
    parentId: parent === ROOT ? null : parent.id,
    path: [...parent.path, id],
    type: resourceType,
    name,
    externalId,
    metadata,
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
}

/** Adds the grant. A user who is not a member becomes one. */
function grantOf({ resource, userId, role }: GrantLine, orgId: string, known: Known): Addition[] | Refused {
  const target = known.resources.get(resourceKey({ orgId, name: resource }))
  if (target === undefined) return { refused: 'its resource is not there' }
  if (target === null) return { refused: TWO_RESOURCES }
  const grant = { orgId, userId, role, resourceId: target.id }
  return [
    ...membership({ orgId, userId, role: 'member' }, known),
    ...(known.grants.has(grantKey(grant)) ? [] : [{ type: 'grant' as const, grant }]),
  ]
}
