import type { Test } from 'tap'
import type { Service, User } from '../../src/domain/actor.ts'
import { DEEP, type Forester, forester, type PlantedOrg, type PlantedTree } from '../support/forest.ts'

/**
 * An organisation with 10,000 resources among organisations with a handful. The planner's averages mislead it about the
 * big one.
 */
export interface Crowd {
  readonly forest: Forester
  readonly big: PlantedOrg
  readonly tree: PlantedTree
  /** A resource at the end of a branch, 8 deep. */
  readonly leaf: string
  /** Has a role on the root of the tree, and so on all of it. */
  readonly topReader: string
  /** Has a role on one resource of the seventh level, and so on the two or three below it. */
  readonly branchReader: string
  /** Has 500 grants, each on a leaf. */
  readonly collector: string
  /** A Member without any grant. */
  readonly nobody: string
  /** An organisation with one resource, on which its Member has a role. */
  readonly small: PlantedOrg
  readonly sapling: PlantedTree
}

/** @param neighbours number of other organisations. */
export async function plantCrowd(
  t: Pick<Test, 'teardown'>,
  databaseUrl: string,
  neighbours: number,
): Promise<Crowd> {
  const forest = await forester(t, databaseUrl)
  const big = await forest.plantOrg(3_000)
  const tree = await forest.plantTree(big, DEEP)
  const [topReader, branchReader, collector, nobody] = [
    big.member(0),
    big.member(1),
    big.member(2),
    big.member(3),
  ]
  await forest.grant(big, [
    { userId: topReader, resourceId: tree.root },
    { userId: branchReader, resourceId: tree.at(7, 1_000) },
    ...tree.ids.slice(-2_000, -1_500).map((resourceId) => ({ userId: collector, resourceId })),
    ...tree.ids.slice(3_000, 4_500).map((resourceId, n) => ({ userId: big.member(n + 4), resourceId })),
  ])
  const small = await forest.plantOrg(1)
  const sapling = await forest.plantTree(small, [1])
  await forest.grant(small, [{ userId: small.member(0), resourceId: sapling.root }])
  await plantNeighbours(forest, neighbours)
  await forest.survey()
  const leaf = tree.at(8, 3_000)
  return { forest, big, tree, leaf, topReader, branchReader, collector, nobody, small, sapling }
}

/** Plants organisations with ten people each. Every third has three resources and five grants. */
export async function plantNeighbours(forest: Forester, count: number): Promise<void> {
  for (const [n, org] of (await forest.plantOrgs(count, 9)).entries()) {
    if (n % 3 > 0) continue
    const { root } = await forest.plantTree(org, [1, 2])
    await forest.grant(
      org,
      [0, 1, 2, 3, 4].map((position) => ({ userId: org.member(position), resourceId: root })),
    )
  }
}

export function userOf(id: string): User {
  return { type: 'user', id, email: null, emailVerified: false, name: null }
}

export const backend: Service = { type: 'service', id: 'backend', scopes: new Set(['muster:check']) }
