import { createHash } from 'node:crypto'

/** Repeatable randomness: the same seed gives the same numbers. */
export interface Random {
  below(limit: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly [T, ...T[]]): T
  /** Returns undefined where there is nothing to pick. */
  pickAny<T>(items: readonly T[]): T | undefined
}

export function randomOf(seed: string): Random {
  let drawn = 0
  const next = () => createHash('sha256').update(`${seed} ${drawn++}`).digest().readUInt32BE() / 2 ** 32
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    chance: (probability) => next() < probability,
    pick: (items) => items[below(items.length)] ?? items[0],
    pickAny: (items) => items[below(items.length)],
  }
}
