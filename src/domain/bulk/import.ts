import type { Db, Tx } from '../../db/client.ts'
import type { By } from '../actor.ts'
import { memberAdded, orgCreated } from '../events/changes.ts'
import { recordAll } from '../events/record.ts'
import { insertMembers } from '../members/queries/sync.ts'
import type { GrantLine, Line, MemberLine, Numbered, OrgLine, ResourceLine } from './line.ts'
import { mergePeople, type Outcomes, type PlacedOrg, plan } from './plan.ts'
import {
  findAndLockOrgs,
  findGrants,
  findMembers,
  findResources,
  insertGrants,
  insertOrgs,
  insertPeople,
  insertResources,
} from './queries/import.ts'

/**
 * Adds what the lines say, in one transaction, and leaves alone what is there: the same lines a second time change
 * nothing. A line that names what is neither there nor in a line before it is refused, and none of the others for its
 * sake. Each change is recorded. Organisations are locked before people, as by everybody. About sixteen round trips,
 * whatever the number of lines.
 */
export async function importLines(db: Db, by: By, lines: readonly Numbered[]): Promise<Outcomes> {
  return db.transaction(async (tx) => {
    const orgs = await findAndLockOrgs(
      tx,
      lines.map(({ line }) => orgNameOf(line)),
    )
    const fresh = firstOf(lines.filter(isOrgLine)).filter(({ line }) => !orgs.has(line.externalId))
    const isToBe = new Set(fresh.map(({ line }) => line.externalId))
    const inUse = lines
      .map(({ line }) => line)
      .filter((line) => isToBe.has(orgNameOf(line)) || orgs.has(orgNameOf(line)))
    await insertPeople(tx, mergePeople(inUse))
    for (const org of await found(tx, by, fresh)) orgs.set(org.externalId, org)

    const placed = inUse.flatMap((line) => {
      const org = orgs.get(orgNameOf(line))
      return org && line.type !== 'org' ? { orgId: org.id, line } : []
    })
    const planned = plan(lines, orgs, {
      members: await findMembers(
        tx,
        placed.flatMap(({ orgId, line }) => usersOf(line).map((userId) => ({ orgId, userId }))),
      ),
      resources: await findResources(
        tx,
        placed.flatMap(({ orgId, line }) => resourcesOf(line).map((name) => ({ orgId, name }))),
      ),
      grants: await findGrants(
        tx,
        placed.flatMap(({ orgId, line }) => (line.type === 'grant' ? { orgId, userId: line.userId } : [])),
      ),
    })
    await insertMembers(tx, planned.members, by)
    await insertResources(tx, planned.resources)
    await insertGrants(tx, planned.grants, by)
    await recordAll(tx, by, planned.changes)
    return planned.outcomes
  })
}

/** With their Admins, and recorded. One whose slug is taken is not among the answered. */
async function found(
  tx: Tx,
  by: By,
  fresh: readonly Numbered<OrgLine>[],
): Promise<(PlacedOrg & { externalId: string })[]> {
  const inserted = await insertOrgs(
    tx,
    fresh.map(({ line }) => line),
  )
  const founded = fresh.flatMap(({ number, line: { externalId, adminUserId } }) => {
    const org = inserted.get(externalId)
    return org ? { org, externalId, adminUserId, id: org.id, since: number, trouble: null } : []
  })
  await insertMembers(
    tx,
    founded.map(({ id, adminUserId }) => ({ orgId: id, userId: adminUserId, role: 'admin' })),
    by,
  )
  await recordAll(
    tx,
    by,
    founded.flatMap(({ org, adminUserId }) => [
      { orgId: org.id, ...orgCreated(org) },
      { orgId: org.id, ...memberAdded(adminUserId, 'admin', 'provisioned') },
    ]),
  )
  return founded
}

function isOrgLine(one: Numbered): one is Numbered<OrgLine> {
  return one.line.type === 'org'
}

function orgNameOf(line: Line): string {
  return line.type === 'org' ? line.externalId : line.org
}

function usersOf(line: MemberLine | ResourceLine | GrantLine): string[] {
  return 'userId' in line ? [line.userId] : []
}

function resourcesOf(line: MemberLine | ResourceLine | GrantLine): string[] {
  if (line.type === 'grant') return [line.resource]
  if (line.type === 'member') return []
  return [line.externalId, ...(line.parent === undefined ? [] : [line.parent])]
}

function firstOf(lines: readonly Numbered<OrgLine>[]): Numbered<OrgLine>[] {
  return [...new Map(lines.toReversed().map((one) => [one.line.externalId, one])).values()].toReversed()
}
