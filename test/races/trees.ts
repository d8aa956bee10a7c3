import { deletesOrg } from './calls.ts'
import { DEPTH_CHECK, type Guard, ONE_EXTERNAL_ID, ORG_LOCK, ORG_LOCK_OF_RESOURCE } from './guards.ts'
import { each, tally } from './looks.ts'
import { type Call, race } from './race.ts'
import type { Stage } from './stage.ts'
import { creates, deletes, moves, movesTo, thenLooks } from './tree-calls.ts'
import { places, tree } from './tree-looks.ts'
import { grantOn, plant, type Tree } from './tree-scenes.ts'

interface Story {
  readonly name: string
  readonly of: readonly string[]
  readonly guards?: readonly Guard[]
  readonly callers?: number
  readonly prepare?: (stage: Stage, rounds: number) => Promise<Tree[]>
  readonly calls: (org: Tree, stage: Stage) => Call[]
  /** The answers, and the tree as it is then. */
  readonly serial: readonly string[]
}

/** Alice and Bob, both Admins, do something to one tree. */
function inATree({ name, of, guards = [ORG_LOCK_OF_RESOURCE], callers = 2, ...story }: Story) {
  return race({
    ...{ name, rounds: 300, callers, guards },
    prepare: (stage, rounds) => plant(stage, rounds, of),
    ...story,
    outcome: async (org, answers, stage) => `${each(answers)}; ${await tree(stage, org)}`,
  })
}

/** Three deep, from the root down: `a1`, `a1/a2`, `a1/a2/a3`. */
const threeDeep = (letter: string) => [1, 2, 3].map((depth) => chain(letter, depth))
const chain = (letter: string, depth: number) =>
  Array.from({ length: depth }, (_, above) => `${letter}${above + 1}`).join('/')
const below = (place: string, paths: readonly string[]) => paths.map((path) => `${place}/${path}`)

const [A, B, C] = [threeDeep('a'), threeDeep('b'), threeDeep('c')]
const TO_A = 'a1/a2/a3'
const TO_B = 'b1/b2/b3'
const inOrder = (...paths: readonly string[][]) => paths.flat().toSorted().join(', ')

export const TREE_RACES = [
  inATree({
    name: 'two resources are moved into each other',
    of: ['a', 'b'],
    calls: (org) => [moves(org, 'alice', 'a', 'b'), moves(org, 'bob', 'b', 'a')],
    serial: ['done, resource_cycle; b, b/a', 'resource_cycle, done; a, a/b'],
  }),
  inATree({
    name: 'three resources are moved into a ring',
    of: ['a', 'b', 'c'],
    callers: 3,
    calls: (org) => [
      moves(org, 'alice', 'a', 'b'),
      moves(org, 'bob', 'b', 'c'),
      moves(org, 'alice', 'c', 'a'),
    ],
    serial: [
      'done, done, resource_cycle; c, c/b, c/b/a',
      'done, resource_cycle, done; b, b/a, b/a/c',
      'resource_cycle, done, done; a, a/c, a/c/b',
    ],
  }),
  inATree({
    name: 'two moves that together would be nine deep',
    of: [...A, ...B, ...C],
    guards: [ORG_LOCK_OF_RESOURCE, DEPTH_CHECK],
    calls: (org) => [moves(org, 'alice', 'c1', 'b3'), moves(org, 'bob', 'b1', 'a3')],
    serial: [
      `done, resource_too_deep; ${inOrder(A, B, below(TO_B, C))}`,
      `resource_too_deep, done; ${inOrder(A, below(TO_A, B), C)}`,
    ],
  }),
  inATree({
    name: 'a resource is created below one that is moved down',
    of: [...A, ...B, ...['c1', 'c1/c2'].map((path) => `${TO_B}/${path}`)],
    guards: [ORG_LOCK_OF_RESOURCE, DEPTH_CHECK],
    calls: (org) => [creates(org, 'alice', 'new', 'c2'), moves(org, 'bob', 'b1', 'a3')],
    serial: [
      `done, resource_too_deep; ${inOrder(A, B, below(TO_B, ['c1', 'c1/c2', 'c1/c2/new']))}`,
      `resource_too_deep, done; ${inOrder(A, below(TO_A, [...B, ...below(TO_B, ['c1', 'c1/c2'])]))}`,
    ],
  }),
  inATree({
    name: 'a resource is created in a branch that is moved',
    of: ['a', 'a/b', 'c'],
    calls: (org) => [creates(org, 'alice', 'new', 'b'), moves(org, 'bob', 'a', 'c')],
    serial: ['done, done; c, c/a, c/a/b, c/a/b/new'],
  }),
  inATree({
    name: 'a branch is moved, and one in it out of it',
    of: ['a', 'a/b', 'a/b/c', 'd'],
    calls: (org) => [moves(org, 'alice', 'a', 'd'), moves(org, 'bob', 'b', null)],
    serial: ['done, done; b, b/c, d, d/a'],
  }),
  inATree({
    name: 'one resource is moved to two places',
    of: ['a', 'a/b', 'c', 'd'],
    calls: (org) => [movesTo(org, 'alice', 'a', 'c'), movesTo(org, 'bob', 'a', 'd')],
    serial: ['in c, in d; c, c/a, c/a/b, d', 'in c, in d; c, d, d/a, d/a/b'],
  }),
  inATree({
    name: 'a resource is moved into one that is deleted',
    of: ['a', 'b', 'b/c'],
    calls: (org) => [moves(org, 'alice', 'a', 'c'), deletes(org, 'bob', 'b')],
    serial: ['done, done; nothing', 'resource_not_found, done; a'],
  }),
  inATree({
    name: 'a resource is moved out of one that is deleted',
    of: ['a', 'a/b', 'a/b/c'],
    calls: (org) => [moves(org, 'alice', 'b', null), deletes(org, 'bob', 'a')],
    serial: ['done, done; b, b/c', 'resource_not_found, done; nothing'],
  }),
  inATree({
    name: 'a resource is created below one that is deleted',
    of: ['a', 'a/b'],
    calls: (org) => [creates(org, 'alice', 'new', 'b'), deletes(org, 'bob', 'a')],
    serial: ['done, done; nothing', 'resource_not_found, done; nothing'],
  }),
  inATree({
    name: 'two resources are created with one externalId',
    of: [],
    guards: [ONE_EXTERNAL_ID],
    calls: (org) => [creates(org, 'alice', 'a', null, 'ws-42'), creates(org, 'bob', 'b', null, 'ws-42')],
    serial: ['done, external_id_taken; a', 'external_id_taken, done; b'],
  }),
  inATree({
    name: 'a resource is created and the organisation deleted',
    of: [],
    guards: [ORG_LOCK],
    calls: (org, stage) => [
      creates(org, 'alice', 'a', null),
      thenLooks(deletesOrg(org, 'bob'), () => places(stage, org)),
    ],
    serial: ['done, done, then a; a', 'org_not_found, done, then nothing; nothing'],
  }),
  inATree({
    name: 'a resource is moved and the organisation deleted',
    of: ['a', 'b'],
    calls: (org, stage) => [
      moves(org, 'alice', 'a', 'b'),
      thenLooks(deletesOrg(org, 'bob'), () => places(stage, org)),
    ],
    serial: ['done, done, then b, b/a; b, b/a', 'org_not_found, done, then a, b; a, b'],
  }),
  inATree({
    name: 'who is Admin of a branch deletes in it what is moved out',
    of: ['a', 'a/b', 'a/b/c'],
    prepare: async (stage, rounds) =>
      grantOn(stage, await plant(stage, rounds, ['a', 'a/b', 'a/b/c']), {
        ...{ to: 'carol', role: 'admin', on: 'a' },
      }),
    calls: (org) => [deletes(org, 'carol', 'b'), moves(org, 'alice', 'b', null)],
    serial: ['done, resource_not_found; a', 'forbidden, done; a, b, b/c'],
  }),
  everything(),
]

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'] as const

/** The serial outcomes are too many to list. So each refusal must be by a rule, and the tree must be sound. */
function everything() {
  return race({
    name: 'twelve changes of one tree at once',
    ...{ rounds: 50, callers: 12, guards: [ORG_LOCK_OF_RESOURCE] },
    prepare: (stage, rounds) => plant(stage, rounds, ['a', 'a/b', 'a/b/c', 'd', 'd/e', 'd/e/f']),
    calls: (org) => [
      ...NAMES.map((name, number) => moves(org, 'alice', name, NAMES[(number + 2) % NAMES.length] ?? null)),
      ...NAMES.slice(0, 4).map((under) => creates(org, 'bob', `in ${under}`, under)),
      deletes(org, 'bob', 'e'),
      deletes(org, 'alice', 'c'),
    ],
    outcome: async (org, answers, stage) => {
      const failures = answers.filter(
        (answer) => !/^(done|resource_(cycle|not_found|too_deep))$/.test(answer),
      )
      const after = await tree(stage, org)
      return failures.length === 0 && !after.includes(':') ? 'sound' : `${tally(failures)}; ${after}`
    },
    serial: ['sound'],
  })
}
