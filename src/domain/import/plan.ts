import { grantAdded, memberAdded, orgCreated, resourceCreated } from '../events/changes.ts'
import type { Change } from '../events/event.ts'
import type { Resource } from '../resources/resource.ts'
import { type Addition, judge, type ToGrant, type ToJoin } from './judge.ts'
import { grantKey, type Known, memberKey, type NamedOrg, resourceKey } from './known.ts'
import { type Line, type Numbered, type Outcomes, orgNameOf } from './line.ts'

/** The result of judging the lines. */
export interface Plan {
  readonly outcomes: Outcomes
  /** The lines that are not refused. */
  readonly accepted: Line[]
  readonly members: ToJoin[]
  /** Parents come before what lies below them. */
  readonly resources: Resource[]
  readonly grants: ToGrant[]
  readonly changes: (Change & { readonly orgId: string })[]
}

/**
 * Judges the lines one after another. Later lines know what an earlier one adds, and the first line to say a thing
 * counts. So the result is the same wherever a batch of lines ends.
 */
export function planImport(
  lines: readonly Numbered[],
  orgs: ReadonlyMap<string, NamedOrg>,
  known: Known,
): Plan {
  const plan: Plan = {
    outcomes: new Map(),
    accepted: [],
    members: [],
    resources: [],
    grants: [],
    changes: [],
  }
  for (const one of lines) {
    const verdict = judge(one, orgs.get(orgNameOf(one.line)), known)
    if ('refused' in verdict) {
      plan.outcomes.set(one.number, verdict)
      continue
    }
    plan.outcomes.set(one.number, verdict.length > 0 ? 'added' : 'there')
    plan.accepted.push(one.line)
    for (const addition of verdict) add(plan, known, addition)
  }
  return plan
}

/** Adds to the plan and to what is known. Nothing else changes them. */
function add(plan: Plan, known: Known, addition: Addition): void {
  switch (addition.type) {
    case 'org': {
      const { org, namedAfterAdmin } = addition
      plan.changes.push({ orgId: org.id, ...orgCreated(org, namedAfterAdmin) })
      break
    }
    case 'member': {
      const { member } = addition
      known.members.add(memberKey(member))
      plan.members.push(member)
      plan.changes.push({ orgId: member.orgId, ...memberAdded(member.userId, member.role, 'provisioned') })
      break
    }
    case 'resource': {
      const { resource, name } = addition
      known.resources.set(resourceKey({ orgId: resource.orgId, name }), resource)
      plan.resources.push(resource)
      plan.changes.push({ orgId: resource.orgId, ...resourceCreated(resource) })
      break
    }
    case 'grant': {
      const { grant } = addition
      known.grants.add(grantKey(grant))
      plan.grants.push(grant)
      plan.changes.push({ orgId: grant.orgId, ...grantAdded(grant.userId, grant) })
    }
  }
}
