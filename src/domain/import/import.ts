import { type Db, type Tx, untilNotOvertaken } from '../../db/client.ts'
import type { By } from '../actor.ts'
import { recordAll } from '../events/record.ts'
import { insertMembers } from '../members/queries/sync.ts'
import type { Known, NamedOrg } from './known.ts'
import { type Numbered, type Outcomes, orgNameOf, resourceNamesIn } from './line.ts'
import { lockNamedOrgs } from './lock.ts'
import { peopleIn } from './people.ts'
import { planImport } from './plan.ts'
import {
  findGrants,
  findMembers,
  findResources,
  insertGrants,
  insertPeople,
  insertResources,
} from './queries/import.ts'

/**
 * Adds what the lines say, in one transaction, and leaves what exists alone: the same lines a second time change
 * nothing. Refuses a line that names what neither exists nor stands in an earlier line, and no other line because of
 * it. Records each change. Locks organisations before people, as all transactions do. Waits for the database equally
 * often, whatever the number of lines.
 *
 * @throws Overtaken when other transactions made the same organisations at the same time, again and again.
 */
export async function importLines(db: Db, by: By, lines: readonly Numbered[]): Promise<Outcomes> {
  return untilNotOvertaken(db, async (tx) => {
    const orgs = await lockNamedOrgs(tx, lines)
    const plan = planImport(lines, orgs, await findKnown(tx, lines, orgs))
    await insertPeople(tx, peopleIn(plan.accepted))
    await insertMembers(tx, plan.members, by)
    await insertResources(tx, plan.resources)
    await insertGrants(tx, plan.grants, by)
    await recordAll(tx, by, plan.changes)
    return plan.outcomes
  })
}

/** Finds which of the things that lines name exist. Reads under the locks of the organisations. */
async function findKnown(
  tx: Tx,
  lines: readonly Numbered[],
  orgs: ReadonlyMap<string, NamedOrg>,
): Promise<Known> {
  const placed = lines.flatMap(({ line }) => {
    const org = orgs.get(orgNameOf(line))
    return org ? { orgId: org.id, line } : []
  })
  const people = placed.flatMap(({ orgId, line }) => ('userId' in line ? { orgId, userId: line.userId } : []))
  const resources = placed.flatMap(({ orgId, line }) =>
    resourceNamesIn(line).map((name) => ({ orgId, name })),
  )
  const granted = placed.flatMap(({ orgId, line }) =>
    line.type === 'grant' ? { orgId, userId: line.userId } : [],
  )
  return {
    members: await findMembers(tx, people),
    resources: await findResources(tx, resources),
    grants: await findGrants(tx, granted),
  }
}
