import { accepts, declines, demotes, editsRole, resends, revokes, signsIn } from './calls.ts'
import { CLAIM, type Guard, ORG_LOCK_OF_INVITED, USER_ONCE, USES_CHECK } from './guards.ts'
import { admins, each, joined, tally } from './looks.ts'
import { type Call, race } from './race.ts'
import { foundOrgs, type Invited, inviteInto, type Offer } from './scenes.ts'
import type { Stage } from './stage.ts'

const toldEach = async (org: Invited, answers: readonly string[], stage: Stage) =>
  `${each(answers)}; ${await joined(stage, org)}`
const told = async (org: Invited, answers: readonly string[], stage: Stage) =>
  `${tally(answers)}; ${await joined(stage, org)}`

/** Makes Alice's organisation, with the invitations that she has sent. */
function prepare(...offers: Offer[]) {
  return async (stage: Stage, rounds: number) =>
    inviteInto(stage, await foundOrgs(stage, rounds, { alice: 'admin' }), offers)
}

/** Dana accepts an invitation for her address while something else happens to it. */
function ofDana(
  name: string,
  other: (org: Invited, stage: Stage) => Call,
  serial: readonly string[],
  guards: readonly Guard[] = [ORG_LOCK_OF_INVITED],
) {
  const calls = (org: Invited, stage: Stage) => [accepts(org, 'dana'), other(org, stage)]
  return race({
    ...{ name, rounds: 300, callers: 2, guards, calls, serial },
    prepare: prepare({ to: 'dana' }),
    outcome: toldEach,
  })
}

const people = (count: number) => Array.from({ length: count }, (_, number) => `guest${number}`)

export const ACCEPTANCE_RACES = [
  race({
    name: 'five people accept a code for one',
    ...{ rounds: 150, callers: 5, guards: [ORG_LOCK_OF_INVITED, CLAIM] },
    prepare: prepare({}),
    calls: (org) => people(5).map((name) => accepts(org, name)),
    outcome: told,
    serial: ['4 invitation_used, 1 joined; 2 members, accepted 1/1'],
  }),
  race({
    name: 'fifty people accept a code for five',
    ...{ rounds: 50, callers: 50, guards: [ORG_LOCK_OF_INVITED, CLAIM, USES_CHECK] },
    prepare: prepare({ maxUses: 5 }),
    calls: (org) => people(50).map((name) => accepts(org, name)),
    outcome: told,
    serial: ['45 invitation_used, 5 joined; 6 members, accepted 5/5'],
  }),
  race({
    name: 'one person accepts a code five times',
    ...{ rounds: 150, callers: 5, guards: [ORG_LOCK_OF_INVITED] },
    prepare: prepare({ to: 'dana' }),
    calls: (org) => people(5).map(() => accepts(org, 'dana')),
    outcome: told,
    serial: ['4 again, 1 joined; 2 members, accepted 1/1'],
  }),
  race({
    name: 'one person accepts two invitations to one organisation',
    ...{ rounds: 300, callers: 2, guards: [ORG_LOCK_OF_INVITED] },
    prepare: prepare({ to: 'dana' }, { maxUses: 2 }),
    calls: (org) => [accepts(org, 'dana', 0), accepts(org, 'dana', 1)],
    outcome: toldEach,
    serial: [
      'joined, already_member; 2 members, accepted 1/1, pending 0/2',
      'already_member, joined; 2 members, pending 0/1, pending 1/2',
    ],
  }),
  ofDana('an invitation is accepted and revoked', (org) => revokes(org, 'alice'), [
    'joined, invitation_not_pending; 2 members, accepted 1/1',
    'invitation_revoked, done; 1 members, revoked 0/1',
  ]),
  ofDana('an invitation is accepted and declined', (org) => declines(org, 'dana'), [
    'joined, invitation_used; 2 members, accepted 1/1',
    'invitation_declined, done; 1 members, declined 0/1',
  ]),
  ofDana(
    'an invitation is accepted by its old code and sent again',
    (org, stage) => resends(stage, org, 'alice'),
    [
      'joined, invitation_not_pending; 2 members, accepted 1/1',
      'invitation_not_found, done; 1 members, pending 0/1',
    ],
  ),
  race({
    name: 'an invitation is accepted and its role edited',
    ...{ rounds: 300, callers: 2, guards: [ORG_LOCK_OF_INVITED] },
    prepare: prepare({ to: 'dana', role: 'admin' }),
    calls: (org) => [accepts(org, 'dana'), editsRole(org, 'alice', 'member')],
    outcome: async (org, answers, stage) => `${each(answers)}; ${await admins(stage, org)}`,
    serial: ['joined, invitation_not_pending; Admins: alice, dana', 'joined, done; Admins: alice'],
  }),
  race({
    name: 'an Admin invitation is accepted and its inviter demoted',
    ...{ rounds: 300, callers: 2, guards: [ORG_LOCK_OF_INVITED] },
    prepare: async (stage, rounds) =>
      inviteInto(stage, await foundOrgs(stage, rounds, { alice: 'admin', bob: 'admin' }), [
        { to: 'dana', role: 'admin', by: 'bob' },
      ]),
    calls: (org, stage) => [
      accepts(org, 'dana'),
      async (db) => `${await demotes(org, 'alice', 'bob')(db)}, then ${await admins(stage, org)}`,
    ],
    outcome: async (org, answers, stage) => `${each(answers)}; ${await admins(stage, org)}`,
    serial: [
      'joined, done, then Admins: alice, dana; Admins: alice, dana',
      'invitation_revoked, done, then Admins: alice; Admins: alice',
    ],
  }),
  race({
    name: 'somebody new accepts an invitation and signs in',
    ...{ rounds: 300, callers: 2, guards: [USER_ONCE] },
    prepare: prepare({ to: 'dana' }),
    calls: (org) => [accepts(org, 'dana'), signsIn(org, 'dana')],
    outcome: toldEach,
    serial: ['joined, first (1); 2 members, accepted 1/1', 'joined, first (2); 2 members, accepted 1/1'],
  }),
]
