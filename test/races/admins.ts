import { changesRole, deletesOrg, demotes, handsOver, leaves, removes } from './calls.ts'
import { ORG_LOCK } from './guards.ts'
import { admins, each } from './looks.ts'
import { type Call, race } from './race.ts'
import { foundOrgs, type Scene } from './scenes.ts'
import type { Stage } from './stage.ts'

const outcome = async (org: Scene, answers: readonly string[], stage: Stage) =>
  `${each(answers)}; ${await admins(stage, org)}`

/** Alice and Bob are the Admins, Carol is a member. */
function ofTwoAdmins(name: string, calls: (org: Scene) => Call[], serial: readonly string[]) {
  const prepare = (stage: Stage, rounds: number) =>
    foundOrgs(stage, rounds, { alice: 'admin', bob: 'admin', carol: 'member' })
  return race({ name, rounds: 300, callers: 2, guards: [ORG_LOCK], prepare, calls, outcome, serial })
}

export const ADMIN_RACES = [
  ofTwoAdmins(
    'two Admins demote each other',
    (org) => [demotes(org, 'alice', 'bob'), demotes(org, 'bob', 'alice')],
    ['done, forbidden; Admins: alice', 'forbidden, done; Admins: bob'],
  ),
  ofTwoAdmins(
    'two Admins step down',
    (org) => [demotes(org, 'alice', 'alice'), changesRole(org, 'bob', 'bob', 'accounting')],
    ['done, last_admin; Admins: bob', 'last_admin, done; Admins: alice'],
  ),
  ofTwoAdmins(
    'one Admin steps down, the other leaves',
    (org) => [demotes(org, 'alice', 'alice'), leaves(org, 'bob')],
    ['done, last_admin; Admins: bob', 'last_admin, done; Admins: alice'],
  ),
  ofTwoAdmins(
    'an Admin demotes the other and leaves in a second tab',
    (org) => [demotes(org, 'alice', 'bob'), leaves(org, 'alice')],
    ['done, last_admin; Admins: alice', 'org_not_found, done; Admins: bob'],
  ),
  ofTwoAdmins(
    'one Admin demotes the other, who removes the first',
    (org) => [demotes(org, 'alice', 'bob'), removes(org, 'bob', 'alice')],
    ['done, forbidden; Admins: alice', 'org_not_found, done; Admins: bob'],
  ),
  ofTwoAdmins(
    'two Admins remove each other',
    (org) => [removes(org, 'alice', 'bob'), removes(org, 'bob', 'alice')],
    ['done, org_not_found; Admins: alice', 'org_not_found, done; Admins: bob'],
  ),
  ofTwoAdmins('two Admins leave', (org) => [leaves(org, 'alice'), leaves(org, 'bob')], [
    'done, last_admin; Admins: bob',
    'last_admin, done; Admins: alice',
  ]),
  ofTwoAdmins(
    'two Admins hand over to each other',
    (org) => [handsOver(org, 'alice', 'bob'), handsOver(org, 'bob', 'alice')],
    ['done, done; Admins: alice', 'done, done; Admins: bob'],
  ),
  ofTwoAdmins(
    'an Admin hands over to the other, who leaves',
    (org) => [handsOver(org, 'alice', 'bob'), leaves(org, 'bob')],
    ['done, last_admin; Admins: bob', 'member_not_found, done; Admins: alice'],
  ),
  ofTwoAdmins(
    'an Admin hands over to a member, whom the other removes',
    (org) => [handsOver(org, 'alice', 'carol'), removes(org, 'bob', 'carol')],
    ['done, done; Admins: bob', 'member_not_found, done; Admins: alice, bob'],
  ),
  ofTwoAdmins(
    'an Admin hands over and deletes the organisation in a second tab',
    (org) => [handsOver(org, 'alice', 'carol'), deletesOrg(org, 'alice')],
    ['done, forbidden; Admins: bob, carol', 'org_not_found, done; Admins: alice, bob'],
  ),
  ofTwoAdmins(
    'an Admin leaves and deletes the organisation in a second tab',
    (org) => [leaves(org, 'alice'), deletesOrg(org, 'alice')],
    ['done, org_not_found; Admins: bob', 'org_not_found, done; Admins: alice, bob'],
  ),
]
