import { type Db, type Tx, untilNotOvertaken } from '../../db/client.ts'
import { Overtaken } from '../../db/errors.ts'
import type { By } from '../actor.ts'
import { recordAll } from '../events/record.ts'
import { insertMembers } from '../members/queries/sync.ts'
import type { Line, Numbered, OrgLine } from './line.ts'
import { type Existing, mergePeople, type Outcomes, type PlacedOrg, type Plan, plan } from './plan.ts'
import {
  findAndLockOrgs,
  findGrants,
  findMembers,
  findResources,
  hasOrgNamed,
  insertGrants,
  insertOrgs,
  insertPeople,
  insertResources,
} from './queries/import.ts'

/**
 * Adds what the lines say, in one transaction, and leaves alone what is there: the same lines a second time change
 * nothing. A line that names what is neither there nor in a line before it is refused, and none of the others for its
 * sake. Each change is recorded. Organisations are locked before people, as by everybody. It waits for the
 * database equally often, whatever the number of lines.
 *
 * @throws Overtaken when others made the same organisations at the same time, again and again.
 */
export async function importLines(db: Db, by: By, lines: readonly Numbered[]): Promise<Outcomes> {
  return untilNotOvertaken(db, async (tx) => {
    const orgs = await findAndLockOrgs(
      tx,
      lines.map(({ line }) => orgNameOf(line)),
    )
    await found(tx, lines.filter(isOrgLine), orgs)
    const planned = plan(lines, orgs, await findExisting(tx, lines, orgs))
    await insertPeople(
      tx,
      mergePeople(lines.flatMap(({ number, line }) => (isRefused(planned, number) ? [] : [line]))),
    )
    await insertMembers(tx, planned.members, by)
    await insertResources(tx, planned.resources)
    await insertGrants(tx, planned.grants, by)
    await recordAll(tx, by, planned.changes)
    return planned.outcomes
  })
}

/**
 * Makes those that are not there, and adds them to the others. One whose slug is taken is not made; a later line of the
 * same name has its turn then. @throws Overtaken when another transaction has just made one of that name.
 */
async function found(
  tx: Tx,
  lines: readonly Numbered<OrgLine>[],
  orgs: Map<string, PlacedOrg>,
): Promise<void> {
  let waiting = lines.filter(({ line }) => !orgs.has(line.externalId))
  const names = waiting.map(({ line }) => line.externalId)
  while (waiting.length > 0) {
    const first = new Map<string, Numbered<OrgLine>>()
    for (const one of waiting) if (!first.has(one.line.externalId)) first.set(one.line.externalId, one)
    const made = await insertOrgs(
      tx,
      [...first.values()].map(({ line }) => line),
    )
    for (const [name, { number }] of first) {
      const org = made.get(name)
      if (org) orgs.set(name, { id: org.id, made: org, since: number, trouble: null })
    }
    waiting = waiting.filter(
      (one) => first.get(one.line.externalId) !== one && !orgs.has(one.line.externalId),
    )
  }
  const missing = names.filter((name) => !orgs.has(name))
  if (await hasOrgNamed(tx, missing)) throw new Overtaken()
}

async function findExisting(
  tx: Tx,
  lines: readonly Numbered[],
  orgs: ReadonlyMap<string, PlacedOrg>,
): Promise<Existing> {
  const placed = lines.flatMap(({ line }) => {
    const org = orgs.get(orgNameOf(line))
    return org ? { orgId: org.id, line } : []
  })
  return {
    members: await findMembers(
      tx,
      placed.flatMap(({ orgId, line }) => ('userId' in line ? { orgId, userId: line.userId } : [])),
    ),
    resources: await findResources(
      tx,
      placed.flatMap(({ orgId, line }) => resourcesOf(line).map((name) => ({ orgId, name }))),
    ),
    grants: await findGrants(
      tx,
      placed.flatMap(({ orgId, line }) => (line.type === 'grant' ? { orgId, userId: line.userId } : [])),
    ),
  }
}

function isRefused({ outcomes }: Plan, number: number): boolean {
  return typeof outcomes.get(number) === 'object'
}

function isOrgLine(one: Numbered): one is Numbered<OrgLine> {
  return one.line.type === 'org'
}

function orgNameOf(line: Line): string {
  return line.type === 'org' ? line.externalId : line.org
}

function resourcesOf(line: Line): string[] {
  if (line.type === 'grant') return [line.resource]
  if (line.type !== 'resource') return []
  return [line.externalId, ...(line.parent === undefined ? [] : [line.parent])]
}
