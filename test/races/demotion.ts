import { demotes } from './calls.ts'
import { type Guard, ORG_LOCK, ORG_LOCK_OF_RESOURCE } from './guards.ts'
import { each } from './looks.ts'
import { type Call, race } from './race.ts'
import type { Stage } from './stage.ts'
import { creates, deletes, fillsIn, grantsTo, moves, renames, thenLooks, withdraws } from './tree-calls.ts'
import { filledIn, granted, places } from './tree-looks.ts'
import { grantOn, plant, type Tree } from './tree-scenes.ts'

interface Story {
  readonly name: string
  /** The guard of the resource, unless named. */
  readonly guard?: Guard
  readonly change: (org: Tree) => Call
  readonly answer?: string
  readonly look: (stage: Stage, org: Tree) => Promise<string>
  readonly before: string
  readonly after: string
}

/**
 * Bob changes something while Alice takes the role of Admin from him. Once Alice is answered, nothing changes any more.
 */
function ofBob({ name, guard = ORG_LOCK_OF_RESOURCE, change, answer = 'done', before, after, look }: Story) {
  return race({
    name: `an Admin ${name}, and is demoted`,
    ...{ rounds: 300, callers: 2, guards: [guard] },
    prepare: async (stage, rounds) =>
      grantOn(stage, await plant(stage, rounds, ['a', 'b']), { to: 'carol', role: 'member', on: 'a' }),
    calls: (org, stage) => [change(org), thenLooks(demotes(org, 'alice', 'bob'), () => look(stage, org))],
    outcome: async (org, answers, stage) => `${each(answers)}; ${await look(stage, org)}`,
    serial: [`${answer}, done, then ${after}; ${after}`, `forbidden, done, then ${before}; ${before}`],
  })
}

const PLACES = { look: places, before: 'a, b' }
const RIGHTS = { look: granted, before: 'carol: member on a' }
const EMPTY = { look: filledIn, before: 'nothing filled in', answer: 'v1' }

export const DEMOTION_RACES = [
  ofBob({
    name: 'creates a resource at the root',
    guard: ORG_LOCK,
    change: (org) => creates(org, 'bob', 'new', null),
    ...{ ...PLACES, after: 'a, b, new' },
  }),
  ofBob({
    name: 'creates a resource below another',
    change: (org) => creates(org, 'bob', 'new', 'a'),
    ...{ ...PLACES, after: 'a, a/new, b' },
  }),
  ofBob({
    name: 'renames a resource',
    change: (org) => renames(org, 'bob', 'b', 'c'),
    ...{ ...PLACES, after: 'a, c' },
  }),
  ofBob({
    name: 'moves a resource',
    change: (org) => moves(org, 'bob', 'b', 'a'),
    ...{ ...PLACES, after: 'a, a/b' },
  }),
  ofBob({
    name: 'deletes a resource',
    change: (org) => deletes(org, 'bob', 'a'),
    ...{ ...PLACES, after: 'b' },
  }),
  ofBob({
    name: 'grants a role',
    change: (org) => grantsTo(org, 'bob', 'carol', 'admin', 'b'),
    answer: 'granted v1',
    ...{ ...RIGHTS, after: 'carol: admin on b, carol: member on a' },
  }),
  ofBob({
    name: 'withdraws a role',
    change: (org) => withdraws(org, 'bob', 'carol', 'a'),
    ...{ ...RIGHTS, after: 'nothing granted' },
  }),
  ofBob({
    name: "fills in the organisation's invoice information",
    guard: ORG_LOCK,
    change: (org) => fillsIn(org, 'bob', null, 'Acme'),
    ...{ ...EMPTY, after: 'org: Acme v1' },
  }),
  ofBob({
    name: "fills in a resource's invoice information",
    change: (org) => fillsIn(org, 'bob', 'a', 'Acme'),
    ...{ ...EMPTY, after: 'a: Acme v1' },
  }),
]
