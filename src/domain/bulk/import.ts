import type { Db, Tx } from '../../db/client.ts'
import type { By } from '../actor.ts'
import { grantAdded, memberAdded, orgCreated, resourceCreated } from '../events/changes.ts'
import type { Change } from '../events/event.ts'
import { recordAll } from '../events/record.ts'
import { MAX_DEPTH } from '../resources/resource.ts'
import type { GrantLine, Line, MemberLine, Numbered, OrgLine, Outcome, ResourceLine } from './line.ts'
import {
  type FoundOrg,
  findOrgs,
  findResources,
  insertGrants,
  insertMembers,
  insertOrgs,
  insertPeople,
  insertResources,
  lockOrgs,
  newResource,
  type Place,
  type ToGrant,
} from './queries/import.ts'

/** By the number of the line. */
export type Outcomes = Map<number, Outcome>

type Recorded = Change & { readonly orgId: string }

/**
 * Adds what the lines say, in one transaction, and leaves alone what is there: the same lines a second time change
 * nothing. A line that names what is not there is refused, and none of the others for its sake. Each change is
 * recorded. About twenty round trips, whatever the number of lines.
 */
export async function importLines(db: Db, by: By, lines: readonly Numbered[]): Promise<Outcomes> {
  const outcomes: Outcomes = new Map()
  await db.transaction(async (tx) => {
    const changes: Recorded[] = []
    const batch: Batch = { tx, by, outcomes, changes }
    await importOrgs(batch, ofType(lines, 'org'))
    const others = lines.flatMap(({ line }) => (line.type === 'org' ? [] : line.org))
    if (others.length > 0) {
      const orgs = await findOrgs(tx, others)
      await lockOrgs(tx, [...orgs.values()])
      await importMembers(batch, orgs, ofType(lines, 'member'))
      await importResources(batch, orgs, ofType(lines, 'resource'))
      await importGrants(batch, orgs, ofType(lines, 'grant'))
    }
    await recordAll(tx, by, changes)
  })
  return outcomes
}

interface Batch {
  readonly tx: Tx
  readonly by: By
  readonly outcomes: Outcomes
  readonly changes: Recorded[]
}

async function importOrgs({ tx, by, outcomes, changes }: Batch, lines: Numbered<OrgLine>[]): Promise<void> {
  if (lines.length === 0) return
  const known = await findOrgs(
    tx,
    lines.map(({ line }) => line.externalId),
  )
  const fresh = firstOf(lines, ({ externalId }) => externalId).filter(
    ({ line }) => !known.has(line.externalId),
  )
  await insertPeople(tx, people(fresh.map(({ line }) => ({ userId: line.adminUserId }))))
  const inserted = await insertOrgs(
    tx,
    fresh.map(({ line }) => line),
    by,
  )
  for (const { number, line } of lines) {
    const org = inserted.get(line.externalId)
    const isFresh = fresh.some((one) => one.number === number)
    if (known.has(line.externalId) || !isFresh) outcomes.set(number, 'there')
    else if (!org) outcomes.set(number, refuse('another organisation has this slug'))
    else {
      outcomes.set(number, 'added')
      changes.push({ orgId: org.id, ...orgCreated(org) })
      changes.push({ orgId: org.id, ...memberAdded(line.adminUserId, 'admin', 'provisioned') })
    }
  }
}

async function importMembers(batch: Batch, orgs: Orgs, lines: Numbered<MemberLine>[]): Promise<void> {
  const placed = inOrgs(batch, orgs, lines)
  if (placed.length === 0) return
  await insertPeople(
    batch.tx,
    people(
      placed.map(({ line: { userId, email, emailVerified, name } }) => ({
        ...{ userId, ...(email !== undefined && { email }) },
        ...{ ...(emailVerified !== undefined && { emailVerified }), ...(name !== undefined && { name }) },
      })),
    ),
  )
  const added = await insertMembers(
    batch.tx,
    placed.map(({ orgId, line: { userId, role } }) => ({ orgId, userId, role })),
    batch.by,
  )
  for (const { number, orgId, line } of placed)
    note(batch, number, added.delete(`${orgId} ${line.userId}`), {
      orgId,
      ...memberAdded(line.userId, line.role, 'provisioned'),
    })
}

async function importResources(batch: Batch, orgs: Orgs, lines: Numbered<ResourceLine>[]): Promise<void> {
  const placed = inOrgs(batch, orgs, lines)
  if (placed.length === 0) return
  const known = await findResources(
    batch.tx,
    placed.flatMap(({ orgId, line: { externalId, parent } }) =>
      [externalId, ...(parent === undefined ? [] : [parent])].map((name) => ({ orgId, name })),
    ),
  )
  const fresh = []
  for (const { number, orgId, line } of placed) {
    const parent = line.parent === undefined ? null : known.get(`${orgId} ${line.parent}`)
    if (known.has(`${orgId} ${line.externalId}`)) batch.outcomes.set(number, 'there')
    else if (parent === undefined) batch.outcomes.set(number, refuse('its parent is not there'))
    else if (parent && parent.path.length >= MAX_DEPTH)
      batch.outcomes.set(number, refuse(`a tree of resources is at most ${MAX_DEPTH} deep`))
    else {
      const resource = newResource(orgId, line, parent)
      known.set(`${orgId} ${line.externalId}`, resource)
      fresh.push(resource)
      batch.outcomes.set(number, 'added')
      batch.changes.push({ orgId, ...resourceCreated(resource) })
    }
  }
  await insertResources(batch.tx, fresh)
}

async function importGrants(batch: Batch, orgs: Orgs, lines: Numbered<GrantLine>[]): Promise<void> {
  const { tx, by } = batch
  const placed = inOrgs(batch, orgs, lines)
  if (placed.length === 0) return
  const known = await findResources(
    tx,
    placed.map(({ orgId, line }) => ({ orgId, name: line.resource })),
  )
  const wanted = placed.flatMap(({ number, orgId, line: { resource, userId, role } }) => {
    const place: Place | undefined = known.get(`${orgId} ${resource}`)
    if (!place) batch.outcomes.set(number, refuse('its resource is not there'))
    return place ? { number, orgId, userId, role, resourceId: place.id } : []
  })
  await insertPeople(tx, people(wanted))
  const joined = await insertMembers(
    tx,
    wanted.map(({ orgId, userId }) => ({ orgId, userId, role: 'member' as const })),
    by,
  )
  const added = await insertGrants(tx, wanted, by)
  for (const { number, ...grant } of wanted) {
    const { orgId, userId } = grant
    if (joined.delete(`${orgId} ${userId}`))
      batch.changes.push({ orgId, ...memberAdded(userId, 'member', 'provisioned') })
    note(batch, number, added.delete(keyOfGrant(grant)), { orgId, ...grantAdded(userId, grant) })
  }
}

type Orgs = ReadonlyMap<string, FoundOrg>

/** The lines whose organisation is there; of the others it is said. */
function inOrgs<L extends Exclude<Line, OrgLine>>(
  { outcomes }: Batch,
  orgs: Orgs,
  lines: readonly Numbered<L>[],
): (Numbered<L> & { orgId: string })[] {
  return lines.flatMap((one) => {
    const org = orgs.get(one.line.org)
    if (org && !org.deleted) return { ...one, orgId: org.id }
    outcomes.set(one.number, refuse(org ? 'its organisation is deleted' : 'its organisation is not there'))
    return []
  })
}

function note({ outcomes, changes }: Batch, number: number, added: boolean, change: Recorded): void {
  outcomes.set(number, added ? 'added' : 'there')
  if (added) changes.push(change)
}

function keyOfGrant({ orgId, userId, resourceId }: Omit<ToGrant, 'role'>): string {
  return `${orgId} ${userId} ${resourceId}`
}

function refuse(reason: string): Outcome {
  return { refused: reason }
}

function ofType<T extends Line['type']>(lines: readonly Numbered[], type: T) {
  return lines.filter((one): one is Numbered<Extract<Line, { type: T }>> => one.line.type === type)
}

function firstOf<L extends Line>(lines: Numbered<L>[], keyOf: (line: L) => string): Numbered<L>[] {
  return [...new Map(lines.toReversed().map((one) => [keyOf(one.line), one])).values()].toReversed()
}

/** Each once; of several lines about somebody the last one counts. */
function people<P extends { readonly userId: string }>(told: readonly P[]): P[] {
  return [...new Map(told.map((person) => [person.userId, person])).values()]
}
