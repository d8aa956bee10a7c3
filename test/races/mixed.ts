import * as calls from './calls.ts'
import { ORG_LOCK, ORG_LOCK_BEFORE_MEMBER, ORG_LOCK_OF_INVITED } from './guards.ts'
import { broken, joined, tally } from './looks.ts'
import { race } from './race.ts'
import { foundOrgs, type Invited, inviteInto, type Offer } from './scenes.ts'
import type { Stage } from './stage.ts'

const EIGHT = Array.from({ length: 8 }, (_, number) => `guest${number}`)

const ROLES = { alice: 'admin', bob: 'admin', carol: 'member', dave: 'member', erin: 'accounting' } as const
const OFFERS: readonly Offer[] = [
  { maxUses: 1000 },
  { to: 'frank' },
  { to: 'gina', role: 'admin', by: 'bob' },
]

export const MIXED_RACES = [
  race({
    name: 'eight people accept invitations of their own',
    ...{ rounds: 50, callers: 8, guards: [ORG_LOCK_OF_INVITED, ORG_LOCK_BEFORE_MEMBER] },
    prepare: async (stage, rounds) =>
      inviteInto(
        stage,
        await foundOrgs(stage, rounds, { alice: 'admin' }),
        EIGHT.map((to) => ({ to })),
      ),
    calls: (org) => EIGHT.map((name, which) => calls.accepts(org, name, which)),
    outcome: async (org, answers, stage) => `${tally(answers)}; ${await joined(stage, org)}`,
    serial: [`8 joined; 9 members, ${EIGHT.map(() => 'accepted 1/1').join(', ')}`],
  }),
  ofEverything('everything at once in one organisation', () => []),
  ofEverything('everything at once, and the organisation is deleted', (org) => [
    calls.deletesOrg(org, 'bob'),
  ]),
]

/** The serial outcomes are too many to list. So each refusal must be by a rule, and the invariants must hold. */
function ofEverything(name: string, last: (org: Invited) => ReturnType<typeof calls.deletesOrg>[]) {
  return race({
    name,
    ...{ rounds: 50, callers: 16, guards: [ORG_LOCK] },
    prepare: async (stage, rounds) => inviteInto(stage, await foundOrgs(stage, rounds, ROLES), OFFERS),
    calls: (org, stage) => [...everything(org, stage), ...last(org)],
    outcome: async (org, answers, stage) => {
      const failures = answers.filter(
        (answer) => !/^(done|joined|again|invited|[a-z]+(_[a-z]+)+|forbidden)$/.test(answer),
      )
      return [...failures, ...(await broken(stage, org))].join(', ') || 'sound'
    },
    serial: ['sound'],
  })
}

function everything(org: Invited, stage: Stage) {
  return [
    ...EIGHT.slice(0, 4).map((name) => calls.accepts(org, name)),
    calls.demotes(org, 'alice', 'bob'),
    calls.accepts(org, 'frank', 1),
    calls.revokes(org, 'bob', 1),
    calls.demotes(org, 'bob', 'bob'),
    calls.accepts(org, 'gina', 2),
    calls.resends(stage, org, 'bob', 2),
    calls.removes(org, 'bob', 'dave'),
    calls.handsOver(org, 'alice', 'dave'),
    calls.leaves(org, 'erin'),
    calls.changesRole(org, 'alice', 'carol', 'accounting'),
    calls.invites(stage, org, 'alice', { email: `henry@${org.orgId}.example.com` }),
  ]
}
