import { type Guard, ORG_LOCK, ORG_LOCK_OF_RESOURCE } from './guards.ts'
import { each } from './looks.ts'
import { type Call, race } from './race.ts'
import { deletes, fillsIn } from './tree-calls.ts'
import { filledIn } from './tree-looks.ts'
import { plant, type Tree } from './tree-scenes.ts'

function ofInvoices(name: string, guard: Guard, calls: (org: Tree) => Call[], serial: readonly string[]) {
  return race({
    ...{ name, rounds: 300, callers: 2, guards: [guard], calls, serial },
    prepare: (stage, rounds) => plant(stage, rounds, ['a']),
    outcome: async (org, answers, stage) => `${each(answers)}; ${await filledIn(stage, org)}`,
  })
}

export const BILLING_RACES = [
  ofInvoices(
    'two fill in the invoice information that they saw empty',
    ORG_LOCK,
    (org) => [fillsIn(org, 'alice', null, 'One'), fillsIn(org, 'erin', null, 'Two')],
    ['v1, version_mismatch; org: One v1', 'version_mismatch, v1; org: Two v1'],
  ),
  ofInvoices(
    "two fill in a resource's invoice information that they saw empty",
    ORG_LOCK_OF_RESOURCE,
    (org) => [fillsIn(org, 'alice', 'a', 'One'), fillsIn(org, 'erin', 'a', 'Two')],
    ['v1, version_mismatch; a: One v1', 'version_mismatch, v1; a: Two v1'],
  ),
  ofInvoices(
    'invoice information is filled in of a resource that is deleted',
    ORG_LOCK_OF_RESOURCE,
    (org) => [fillsIn(org, 'erin', 'a', 'One'), deletes(org, 'alice', 'a')],
    ['v1, done; nothing filled in', 'resource_not_found, done; nothing filled in'],
  ),
]
