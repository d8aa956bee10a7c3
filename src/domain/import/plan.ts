import { v7 as uuidv7 } from 'uuid'
import { grantAdded, memberAdded, orgCreated, resourceCreated } from '../events/changes.ts'
import type { Change } from '../events/event.ts'
import type { Org } from '../orgs/org.ts'
import { MAX_DEPTH, type Resource } from '../resources/resource.ts'
import type { Role } from '../roles.ts'
import type { ProfileInput } from '../users/user.ts'
import type { GrantLine, Line, Numbered, OrgLine, Outcome, ResourceLine } from './line.ts'

/** By the number of the line. */
export type Outcomes = Map<number, Outcome>

/** An organisation that lines name. */
export interface PlacedOrg {
  readonly id: string
  /** Of the line that made it; 0: it was there. What stands before that line cannot name it. */
  readonly since: number
  /** Why nothing can be added to it. */
  readonly trouble: string | null
  /** As that line made it. */
  readonly made?: Org
}

/** Where a resource lies, as one that is to come below it has to know. */
export type Place = Pick<Resource, 'id' | 'path'>

interface ToJoin {
  readonly orgId: string
  readonly userId: string
  readonly role: Role
}

export interface ToGrant extends ToJoin {
  readonly resourceId: string
}

/** What is there, read under the locks of the organisations. By ids and names with a space between. */
export interface Existing {
  readonly members: Set<string>
  /** Null: the name leads to two. */
  readonly resources: Map<string, Place | null>
  readonly grants: Set<string>
}

export interface Plan {
  readonly outcomes: Outcomes
  readonly members: ToJoin[]
  /** Parents before what lies in them. */
  readonly resources: Resource[]
  readonly grants: ToGrant[]
  readonly changes: (Change & { readonly orgId: string })[]
}

/** What the lines come to, one after another, wherever a batch of them ends: the first who says a thing says it. */
export function plan(
  lines: readonly Numbered[],
  orgs: ReadonlyMap<string, PlacedOrg>,
  existing: Existing,
): Plan {
  const planned: Plan = { outcomes: new Map(), members: [], resources: [], grants: [], changes: [] }
  for (const { number, line } of lines) {
    const org = orgs.get(line.type === 'org' ? line.externalId : line.org)
    planned.outcomes.set(number, outcomeOf(number, line, org, existing, planned))
  }
  return planned
}

function outcomeOf(
  number: number,
  line: Line,
  org: PlacedOrg | undefined,
  existing: Existing,
  planned: Plan,
): Outcome {
  if (line.type === 'org') {
    if (!org || number < org.since) return { refused: 'another organisation has its slug' }
    return org.since === number && org.made ? create(existing, planned, org.made, line) : 'there'
  }
  if (!org || number < org.since) return { refused: 'its organisation is not there' }
  if (org.trouble !== null) return { refused: org.trouble }
  if (line.type === 'member') return join(existing, planned, { ...line, orgId: org.id })
  if (line.type === 'resource') return place(existing, planned, org.id, line)
  return grant(existing, planned, org.id, line)
}

/** With its Admin, who is in it from its first moment; and as theirs, where it is named after them. */
function create(existing: Existing, planned: Plan, org: Org, { adminUserId, namedAfter }: OrgLine): Outcome {
  planned.changes.push({ orgId: org.id, ...orgCreated(org, namedAfter === adminUserId) })
  return join(existing, planned, { orgId: org.id, userId: adminUserId, role: 'admin' })
}

function join({ members }: Existing, planned: Plan, { orgId, userId, role }: ToJoin): Outcome {
  const key = `${orgId} ${userId}`
  if (members.has(key)) return 'there'
  members.add(key)
  planned.members.push({ orgId, userId, role })
  planned.changes.push({ orgId, ...memberAdded(userId, role, 'provisioned') })
  return 'added'
}

function place({ resources }: Existing, planned: Plan, orgId: string, line: ResourceLine): Outcome {
  const key = `${orgId} ${line.externalId}`
  if (resources.get(key) === null) return { refused: TWO_RESOURCES }
  if (resources.has(key)) return 'there'
  const parent = line.parent === undefined ? ROOT : resources.get(`${orgId} ${line.parent}`)
  if (parent === undefined) return { refused: 'its parent is not there' }
  if (parent === null) return { refused: TWO_RESOURCES }
  if (parent.path.length >= MAX_DEPTH) return { refused: `a tree of resources is at most ${MAX_DEPTH} deep` }
  const resource = newResource(orgId, line, parent)
  resources.set(key, resource)
  planned.resources.push(resource)
  planned.changes.push({ orgId, ...resourceCreated(resource) })
  return 'added'
}

const TWO_RESOURCES = 'it names two resources, one by its externalId and one by its id'
const ROOT: Place = { id: '', path: [] }

/** As it will be. */
function newResource(
  orgId: string,
  { externalId, resourceType, name, metadata = {} }: ResourceLine,
  parent: Place,
): Resource {
  const id = uuidv7()
  const now = new Date()
  return {
    ...{ id, orgId, parentId: parent === ROOT ? null : parent.id, path: [...parent.path, id] },
    ...{ type: resourceType, name, externalId, metadata, version: 1, createdAt: now, updatedAt: now },
  }
}

/** Whoever is not a member becomes one. */
function grant(
  existing: Existing,
  planned: Plan,
  orgId: string,
  { resource, userId, role }: GrantLine,
): Outcome {
  const target = existing.resources.get(`${orgId} ${resource}`)
  if (target === undefined) return { refused: 'its resource is not there' }
  if (target === null) return { refused: TWO_RESOURCES }
  join(existing, planned, { orgId, userId, role: 'member' })
  const key = `${orgId} ${userId} ${target.id}`
  if (existing.grants.has(key)) return 'there'
  existing.grants.add(key)
  planned.grants.push({ orgId, userId, role, resourceId: target.id })
  planned.changes.push({ orgId, ...grantAdded(userId, { resourceId: target.id, role }) })
  return 'added'
}

/** Somebody whom lines name, and what they tell of them. */
export type Person = ProfileInput & { readonly userId: string; readonly signedUp?: boolean }

/** Each once, with what is first known of them. */
export function mergePeople(lines: readonly Line[]): Person[] {
  const people = new Map<string, Person>()
  for (const told of lines.flatMap(personIn)) {
    const known = people.get(told.userId) ?? told
    const { email, emailVerified } = known.email === undefined ? told : known
    const signedUp = known.signedUp || told.signedUp
    const name = known.name ?? told.name
    people.set(told.userId, { userId: told.userId, email, emailVerified, name, signedUp })
  }
  return [...people.values()]
}

function personIn(line: Line): Person[] {
  if (line.type === 'org')
    return [line.adminUserId, line.namedAfter].flatMap((userId) => (userId === undefined ? [] : [{ userId }]))
  if (line.type === 'resource') return []
  if (line.type === 'grant') return [{ userId: line.userId }]
  const { userId, email, emailVerified, name, signedUp } = line
  return [{ userId, email, emailVerified, name, signedUp }]
}
