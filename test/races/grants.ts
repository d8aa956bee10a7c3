import { changesRole, leaves, removes } from './calls.ts'
import { type Guard, ORG_LOCK_OF_INVITED, ORG_LOCK_OF_RESOURCE } from './guards.ts'
import { each, joined } from './looks.ts'
import { type Call, race } from './race.ts'
import type { Invited } from './scenes.ts'
import type { Stage } from './stage.ts'
import { acceptsRights, creates, deletes, grantsTo, thenLooks, withdraws } from './tree-calls.ts'
import { granted, places } from './tree-looks.ts'
import { grantOn, inviteToTree, plant, type Tree } from './tree-scenes.ts'

interface Story<T extends Tree> {
  readonly name: string
  readonly guards?: readonly Guard[]
  readonly prepare: (stage: Stage, rounds: number) => Promise<T[]>
  readonly calls: (org: T, stage: Stage) => Call[]
  /** The answers, the members and invitations afterwards, and what the members were granted. */
  readonly serial: readonly string[]
}

function ofRights<T extends Tree>({ guards = [ORG_LOCK_OF_RESOURCE], ...story }: Story<T>) {
  return race({
    ...{ rounds: 300, callers: 2, guards, ...story },
    outcome: async (org, answers, stage) =>
      `${each(answers)}; ${await joined(stage, org)}; ${await granted(stage, org)}`,
  })
}

const tree1 = (stage: Stage, rounds: number) => plant(stage, rounds, ['a', 'a/b'])

const carolGranted = async (stage: Stage, rounds: number) =>
  grantOn(stage, await tree1(stage, rounds), { to: 'carol', role: 'admin', on: 'a' })

/** Dana is invited, with a right on a and one on b, which lies in a. */
const danaInvited = async (stage: Stage, rounds: number) =>
  inviteToTree(
    stage,
    await tree1(stage, rounds),
    { to: 'dana', by: 'bob' },
    { role: 'admin', on: ['a', 'b'] },
  )

/** Dana is invited in the same way, and has joined already. */
const danaJoined = async (stage: Stage, rounds: number) => {
  const invited = await danaInvited(stage, rounds)
  // A few at a time: a caller that waits two seconds for a connection gets none.
  const rest = invited.values()
  const join = async () => {
    for (const org of rest) await acceptsRights(org, 'dana')(stage.muster.db)
  }
  await Promise.all([join(), join(), join(), join()])
  return invited
}

export const GRANT_RACES = [
  ofRights({
    name: 'a member is granted a role and removed',
    prepare: tree1,
    calls: (org) => [grantsTo(org, 'alice', 'carol', 'member', 'a'), removes(org, 'bob', 'carol')],
    serial: [
      'granted v1, done; 3 members; nothing granted',
      'member_not_found, done; 3 members; nothing granted',
    ],
  }),
  ofRights({
    name: 'a member is granted a role and leaves',
    prepare: tree1,
    calls: (org) => [grantsTo(org, 'alice', 'carol', 'member', 'b'), leaves(org, 'carol')],
    serial: [
      'granted v1, done; 3 members; nothing granted',
      'member_not_found, done; 3 members; nothing granted',
    ],
  }),
  ofRights({
    name: 'a role is granted on a resource that is deleted',
    prepare: tree1,
    calls: (org) => [grantsTo(org, 'alice', 'carol', 'member', 'b'), deletes(org, 'bob', 'a')],
    serial: [
      'granted v1, done; 4 members; nothing granted',
      'resource_not_found, done; 4 members; nothing granted',
    ],
  }),
  ofRights({
    name: 'a role is granted and withdrawn',
    prepare: carolGranted,
    calls: (org) => [grantsTo(org, 'alice', 'carol', 'member', 'a'), withdraws(org, 'bob', 'carol', 'a')],
    serial: [
      'changed v2, done; 4 members; nothing granted',
      'granted v1, done; 4 members; carol: member on a',
    ],
  }),
  ofRights({
    name: 'two roles are granted to one member',
    prepare: tree1,
    calls: (org) => [
      grantsTo(org, 'alice', 'carol', 'admin', 'a'),
      grantsTo(org, 'bob', 'carol', 'accounting', 'a'),
    ],
    serial: [
      'granted v1, changed v2; 4 members; carol: accounting on a',
      'changed v2, granted v1; 4 members; carol: admin on a',
    ],
  }),
  ofRights({
    name: 'a role is withdrawn twice',
    prepare: carolGranted,
    calls: (org) => [withdraws(org, 'alice', 'carol', 'a'), withdraws(org, 'bob', 'carol', 'a')],
    serial: [
      'done, grant_not_found; 4 members; nothing granted',
      'grant_not_found, done; 4 members; nothing granted',
    ],
  }),
  ofRights({
    name: 'the backend grants a role to an outsider twice',
    prepare: tree1,
    calls: (org) => [
      grantsTo(org, 'backend', 'dana', 'member', 'a'),
      grantsTo(org, 'backend', 'dana', 'member', 'a'),
    ],
    serial: [
      'granted v1, changed v1; 5 members; dana: member on a',
      'changed v1, granted v1; 5 members; dana: member on a',
    ],
  }),
  ofRights({
    name: 'the backend grants a role to an outsider, who accepts an invitation',
    guards: [ORG_LOCK_OF_RESOURCE, ORG_LOCK_OF_INVITED],
    prepare: danaInvited,
    calls: (org) => [acceptsRights(org, 'dana'), grantsTo(org, 'backend', 'dana', 'member', 'a')],
    serial: [
      'joined with 2 without 0, changed v2; 5 members, accepted 1/1; dana: admin on b, dana: member on a',
      'already_member, granted v1; 5 members, pending 0/1; dana: member on a',
    ],
  }),
  ofRights({
    name: 'an invitation with rights is accepted, and a resource of it deleted',
    guards: [ORG_LOCK_OF_RESOURCE, ORG_LOCK_OF_INVITED],
    prepare: danaInvited,
    calls: (org) => [acceptsRights(org, 'dana'), deletes(org, 'alice', 'b')],
    serial: [
      'joined with 2 without 0, done; 5 members, accepted 1/1; dana: admin on a',
      'joined with 1 without 1, done; 5 members, accepted 1/1; dana: admin on a',
    ],
  }),
  ofRights({
    name: 'an invitation with rights is accepted, and all its resources deleted',
    guards: [ORG_LOCK_OF_RESOURCE, ORG_LOCK_OF_INVITED],
    prepare: danaInvited,
    calls: (org) => [acceptsRights(org, 'dana'), deletes(org, 'alice', 'a')],
    serial: [
      'joined with 2 without 0, done; 5 members, accepted 1/1; nothing granted',
      'joined with 0 without 2, done; 5 members, accepted 1/1; nothing granted',
    ],
  }),
  ofRights({
    name: 'an invitation with rights is accepted twice, and who does so removed',
    guards: [ORG_LOCK_OF_INVITED],
    prepare: danaJoined,
    calls: (org) => [acceptsRights(org, 'dana'), removes(org, 'alice', 'dana')],
    serial: [
      'again with 2 without 0, done; 4 members, accepted 1/1; nothing granted',
      'invitation_used, done; 4 members, accepted 1/1; nothing granted',
    ],
  }),
  ofRights({
    name: 'an Admin right of an invitation is accepted, and its inviter demoted',
    guards: [ORG_LOCK_OF_INVITED],
    prepare: danaInvited,
    calls: (org: Tree & Invited, stage) => [
      acceptsRights(org, 'dana'),
      thenLooks(changesRole(org, 'alice', 'bob', 'accounting'), () => granted(stage, org)),
    ],
    serial: [
      `joined with 2 without 0, done, then dana: admin on a, dana: admin on b; 5 members, accepted 1/1; dana: admin on a, dana: admin on b`,
      'invitation_revoked, done, then nothing granted; 4 members, pending 0/1; nothing granted',
    ],
  }),
  race({
    name: 'who was granted Admin of a resource creates below it, and the role is withdrawn',
    ...{ rounds: 300, callers: 2, guards: [ORG_LOCK_OF_RESOURCE] },
    prepare: carolGranted,
    calls: (org, stage) => [
      creates(org, 'carol', 'new', 'b'),
      thenLooks(withdraws(org, 'alice', 'carol', 'a'), () => places(stage, org)),
    ],
    outcome: async (org, answers, stage) => `${each(answers)}; ${await places(stage, org)}`,
    serial: ['done, done, then a, a/b, a/b/new; a, a/b, a/b/new', 'forbidden, done, then a, a/b; a, a/b'],
  }),
  race({
    name: 'who was granted Admin of a resource grants below it, and is removed',
    ...{ rounds: 300, callers: 2, guards: [ORG_LOCK_OF_RESOURCE] },
    prepare: carolGranted,
    calls: (org, stage) => [
      grantsTo(org, 'carol', 'erin', 'admin', 'b'),
      thenLooks(removes(org, 'alice', 'carol'), () => granted(stage, org)),
    ],
    outcome: async (org, answers, stage) => `${each(answers)}; ${await granted(stage, org)}`,
    serial: [
      'granted v1, done, then erin: admin on b; erin: admin on b',
      'org_not_found, done, then nothing granted; nothing granted',
    ],
  }),
]
