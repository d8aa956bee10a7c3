import { median, spreadOf } from './figures/numbers.ts'

/** A call that takes time, and what it is compared with. */
export interface Contender {
  readonly name: string
  readonly call: () => Promise<unknown>
  /** Contender whose time counts as one. */
  readonly versus?: Contender
}

const ROUNDS = 15
const CALLS = 30

/**
 * Lets all contenders call in turns, so that other load on the machine meets all alike. Prints for each the
 * milliseconds of a call, and their ratio to those of another contender: the median of the rounds, the lowest and the
 * highest.
 */
export async function compete(title: string, contenders: readonly Contender[]): Promise<void> {
  const rounds: Map<Contender, number>[] = []
  await callInTurns(contenders)
  for (let n = 0; n < ROUNDS; n++) rounds.push(await callInTurns(contenders))
  console.log(`\n${line(title, 'ms', 'lowest', 'highest', 'times', 'lowest', 'highest')}`)
  for (const contender of contenders) {
    const { name, versus } = contender
    const timesOf = (one: Contender) => rounds.map((round) => round.get(one) ?? Number.NaN)
    const times = timesOf(contender)
    const others = versus && timesOf(versus)
    const ratios = others && times.map((time, n) => time / (others[n] ?? Number.NaN))
    console.log(line(name, ...spread(times, 3), ...(ratios ? spread(ratios, 2) : [])))
  }
}

/**
 * Median of each contender's calls. The order is new each time, and each counted call follows one of its own that does
 * not count: the next call pays for what a large answer leaves behind.
 */
async function callInTurns(contenders: readonly Contender[]): Promise<Map<Contender, number>> {
  const times = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]))
  for (let n = 0; n < CALLS; n++)
    for (const [{ call }, taken] of shuffled([...times])) {
      await call()
      taken.push(await millisecondsOf(call))
    }
  return new Map([...times].map(([contender, taken]) => [contender, median(taken)]))
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ item }) => item)
}

export async function millisecondsOf(call: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await call()
  return performance.now() - begun
}

export function spread(values: readonly number[], digits: number): string[] {
  return Object.values(spreadOf(values)).map((value) => value.toFixed(digits))
}

export function line(name: string, ...figures: readonly (string | number)[]): string {
  return name.padEnd(70) + figures.map((figure) => String(figure).padStart(9)).join('')
}
