import { v7 as uuidv7 } from 'uuid'
import { grantAdded, memberAdded, resourceCreated } from '../events/changes.ts'
import type { Change } from '../events/event.ts'
import { MAX_DEPTH, type Resource } from '../resources/resource.ts'
import type { Role } from '../roles.ts'
import type { ProfileInput } from '../users/user.ts'
import type { GrantLine, Line, Numbered, Outcome, ResourceLine } from './line.ts'

/** By the number of the line. */
export type Outcomes = Map<number, Outcome>

/** An organisation that lines name. */
export interface PlacedOrg {
  readonly id: string
  /** Of the line that made it; 0: it was there. What stands before that line cannot name it. */
  readonly since: number
  /** Why nothing can be added to it. */
  readonly trouble: string | null
}

/** Where a resource lies, as one that is to come below it has to know. */
export type Place = Pick<Resource, 'id' | 'path'>

export interface ToJoin {
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
  readonly resources: Map<string, Place>
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
    if (!org) return { refused: 'another organisation has its slug, or its externalId' }
    return org.since === number ? 'added' : 'there'
  }
  if (!org || number < org.since) return { refused: 'its organisation is not there' }
  if (org.trouble !== null) return { refused: org.trouble }
  if (line.type === 'member') return join(existing, planned, { ...line, orgId: org.id })
  if (line.type === 'resource') return place(existing, planned, org.id, line)
  return grant(existing, planned, org.id, line)
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
  if (resources.has(key)) return 'there'
  const parent = line.parent === undefined ? null : resources.get(`${orgId} ${line.parent}`)
  if (parent === undefined) return { refused: 'its parent is not there' }
  if (parent && parent.path.length >= MAX_DEPTH)
    return { refused: `a tree of resources is at most ${MAX_DEPTH} deep` }
  const resource = newResource(orgId, line, parent)
  resources.set(key, resource)
  planned.resources.push(resource)
  planned.changes.push({ orgId, ...resourceCreated(resource) })
  return 'added'
}

/** As it will be. */
function newResource(
  orgId: string,
  { externalId, resourceType, name, metadata = {} }: ResourceLine,
  parent: Place | null,
): Resource {
  const id = uuidv7()
  const now = new Date()
  return {
    ...{ id, orgId, parentId: parent?.id ?? null, path: [...(parent?.path ?? []), id] },
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
  if (!target) return { refused: 'its resource is not there' }
  join(existing, planned, { orgId, userId, role: 'member' })
  const key = `${orgId} ${userId} ${target.id}`
  if (existing.grants.has(key)) return 'there'
  existing.grants.add(key)
  planned.grants.push({ orgId, userId, role, resourceId: target.id })
  planned.changes.push({ orgId, ...grantAdded(userId, { resourceId: target.id, role }) })
  return 'added'
}

type Person = ProfileInput & { readonly userId: string }

/** Each once, with what is first known of them. */
export function mergePeople(lines: readonly Line[]): Person[] {
  const people = new Map<string, Person>()
  for (const told of lines.flatMap(personIn)) {
    const known = people.get(told.userId) ?? told
    const { email, emailVerified } = known.email === undefined ? told : known
    people.set(told.userId, { userId: told.userId, email, emailVerified, name: known.name ?? told.name })
  }
  return [...people.values()]
}

function personIn(line: Line): Person[] {
  if (line.type === 'org') return [{ userId: line.adminUserId }]
  if (line.type === 'resource') return []
  if (line.type === 'grant') return [{ userId: line.userId }]
  const { userId, email, emailVerified, name } = line
  return [{ userId, email, emailVerified, name }]
}
