import fc from 'fast-check'
import { ROLES } from './model.ts'

export const USERS = ['amy', 'ben', 'cat', 'dan', 'eve']
export const STRANGER = 'zoe'
export const BACKEND = 'backend'
export const NOWHERE = '00000000-0000-7000-8000-00000000dead'

// Uses the same ids in every organisation, with the lowest and the highest UUIDv7: only the organisation tells rows
// apart.
const IDS = Array.from({ length: 10 }, (_, n) =>
  n === 0
    ? '00000000-0000-7000-8000-000000000000'
    : n === 9
      ? 'ffffffff-ffff-7fff-bfff-ffffffffffff'
      : `0${n}93a1c4-5b7e-7c00-9f00-0000000000${n}0`,
)

const role = fc.constantFrom(...ROLES)
const user = fc.constantFrom(...USERS)
/** Picks one of what exists at that moment; see `resolve`. */
const any = fc.nat(999)

const SIZE = 8
/** Distance back in the list of resources to the parent; 0 means none. Many trees are a single branch. */
const back = weighted([1, fc.constant(0)], [6, fc.constant(1)], [3, fc.integer({ min: 2, max: 4 })])
const parents = weighted(
  [3, fc.array(back, { minLength: SIZE, maxLength: SIZE })],
  [2, fc.constant(Array.from({ length: SIZE }, () => 1))],
)

/** Start of an organisation. */
const beginning = fc.record({
  memberAccess: weighted([3, fc.constant('granted' as const)], [1, fc.constant('all' as const)]),
  roles: fc.tuple(
    ...USERS.map(() => weighted([2, fc.constant(null)], [2, role], [4, fc.constant('member' as const)])),
  ),
  founder: user,
  // Listed from the top down, so that the order of ids says nothing of the tree.
  ids: weighted(
    [1, fc.shuffledSubarray(IDS, { minLength: SIZE, maxLength: SIZE })],
    [1, fc.shuffledSubarray(IDS, { minLength: 2, maxLength: SIZE })],
  ),
  parents,
  grants: fc.array(fc.record({ userId: user, on: any, role }), { maxLength: 12, size: 'max' }),
})

export const AN_ADMIN = 'one of its Admins'
export const A_LOCAL_ADMIN = 'an Admin of one of its resources alone'
const target = fc.record({
  org: any,
  by: weighted(
    [5, fc.constant(BACKEND)],
    [4, fc.constant(AN_ADMIN)],
    [3, fc.constant(A_LOCAL_ADMIN)],
    [2, user],
    [1, fc.constant(STRANGER)],
  ),
})
const parent = fc.option(any, { freq: 4 })

const intention = weighted(
  [4, fc.record({ do: fc.constant('create' as const), target, parent })],
  [8, fc.record({ do: fc.constant('move' as const), target, resource: any, parent })],
  [1, fc.record({ do: fc.constant('delete' as const), target, resource: any })],
  [6, fc.record({ do: fc.constant('grant' as const), target, resource: any, user, role })],
  [3, fc.record({ do: fc.constant('withdraw' as const), target, resource: any, user, held: fc.boolean() })],
  [3, fc.record({ do: fc.constant('change role' as const), target, user, role })],
  [2, fc.record({ do: fc.constant('remove' as const), target, user })],
  [2, fc.record({ do: fc.constant('join' as const), target, user, role, on: fc.option(any), onRole: role })],
  [
    2,
    fc.record({
      do: fc.constant('open' as const),
      target,
      access: fc.constantFrom('granted' as const, 'all' as const),
    }),
  ],
  [1, fc.record({ do: fc.constant('delete org' as const), target })],
  [1, fc.record({ do: fc.constant('restore org' as const), target })],
)
export type Intention = typeof intention extends fc.Arbitrary<infer T> ? T : never

/** Two organisations, the changes tried in them, and a seed for the questions asked afterwards. */
export const history = fc.record({
  beginnings: fc.tuple(beginning, beginning),
  intentions: fc.array(intention, { minLength: 1, maxLength: 15, size: 'max' }),
  questions: fc.nat(),
})
export type History = typeof history extends fc.Arbitrary<infer T> ? T : never

function weighted<T extends [weight: number, arbitrary: fc.Arbitrary<unknown>][]>(
  ...choices: T
): fc.Arbitrary<T[number][1] extends fc.Arbitrary<infer U> ? U : never> {
  return fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary }))) as never
}
