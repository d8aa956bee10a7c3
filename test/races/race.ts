import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseError } from 'pg'
import type { Db } from '../../src/db/client.ts'
import { DomainError } from '../../src/domain/errors.ts'
import type { Guard } from './guards.ts'
import type { Stage } from './stage.ts'

/** One of several simultaneous calls, on a connection of its own. Sums up the answer in a word or two. */
export type Call = (db: Db) => Promise<string>

interface Definition<Scene> {
  readonly name: string
  /** Number of rounds in the long form. */
  readonly rounds: number
  readonly callers: number
  /** Guards without which the race turns red; `without-locks.ts` tries that. */
  readonly guards: readonly Guard[]
  /** Inserts the rows of all rounds, in a few statements. */
  readonly prepare: (stage: Stage, rounds: number) => Promise<Scene[]>
  readonly calls: (scene: Scene, stage: Stage) => Call[]
  /** Sums up the answers, in the order of the calls, and what can be seen afterwards. */
  readonly outcome: (scene: Scene, answers: readonly string[], stage: Stage) => Promise<string>
  /** Outcomes of the same calls one after another, in any order. Any other outcome is a violation. */
  readonly serial: readonly string[]
}

export interface Race {
  readonly name: string
  readonly rounds: number
  readonly callers: number
  readonly guards: readonly Guard[]
  readonly serial: readonly string[]
  run(stage: Stage, rounds: number): Promise<Result>
}

export interface Result {
  readonly rounds: number
  /** Number of times that each outcome was seen. */
  readonly outcomes: ReadonlyMap<string, number>
  readonly violations: ReadonlyMap<string, number>
  readonly deadlocks: number
  readonly serializationFailures: number
  /** Median over the rounds. */
  readonly milliseconds: number
}

export function race<Scene>(definition: Definition<Scene>): Race {
  return { ...definition, run: (stage, rounds) => run(definition, stage, rounds) }
}

/**
 * Rounds of the short form: 32 of 300, some of each of the eight ways in which callers meet. A race that turns red in
 * one round of eight without its guard, the least that `npm run races:proof` has shown, is missed one time in seventy.
 */
export function shortOf({ rounds }: Pick<Race, 'rounds'>): number {
  return 8 * Math.ceil(rounds / 75)
}

const DEADLOCK = '40P01'
const SERIALIZATION_FAILURE = '40001'

/** Runs a few rounds side by side, each on connections of its own: rounds know nothing of each other. */
async function run<Scene>(race: Definition<Scene>, stage: Stage, rounds: number): Promise<Result> {
  const scenes = (await race.prepare(stage, rounds)).entries()
  // Analyzes, as autovacuum would within a minute. Until then PostgreSQL plans for empty tables.
  await stage.muster.db.pool.query('analyze orgs, users, members, invitations, resources, grants')
  const played: Played[] = []
  const lane = async (_: unknown, number: number) => {
    const first = number * race.callers
    const connections = stage.connections.slice(first, first + race.callers)
    await open(connections)
    for (const [round, scene] of scenes) played.push(await play(race, stage, connections, scene, round))
  }
  await Promise.all(Array.from({ length: laneCount(race) }, lane))

  const outcomes = Map.groupBy(played, ({ outcome }) => outcome)
  const counted = [...outcomes].map(([outcome, { length }]) => [outcome, length] as const)
  const answers = played.flatMap((round) => round.answers)
  return {
    rounds: played.length,
    outcomes: new Map(counted),
    violations: new Map(counted.filter(([outcome]) => !race.serial.includes(outcome))),
    deadlocks: answers.filter((answer) => answer === DEADLOCK).length,
    serializationFailures: answers.filter((answer) => answer === SERIALIZATION_FAILURE).length,
    milliseconds: median(played.map((round) => round.milliseconds)),
  }
}

interface Played {
  readonly outcome: string
  readonly answers: readonly string[]
  readonly milliseconds: number
}

/** Holds all callers at the gate with an open connection. Where they meet differs from round to round. */
async function play<Scene>(
  { calls, outcome }: Definition<Scene>,
  stage: Stage,
  connections: readonly Db[],
  scene: Scene,
  round: number,
): Promise<Played> {
  const gate = Promise.withResolvers<void>()
  const ready = calls(scene, stage).map((call, caller) => ({ call, caller, db: connections[caller] }))
  const answers: string[] = []
  const all = (round % 2 === 0 ? ready : ready.toReversed()).map(async ({ call, caller, db }, position) => {
    if (!db) throw new Error('a race has more callers than it says')
    await gate.promise
    await lateBy(round, position / ready.length)
    answers[caller] = await answerOf(call(db))
  })
  const begun = performance.now()
  gate.resolve()
  await Promise.all(all)
  const milliseconds = performance.now() - begun
  return { outcome: await outcome(scene, answers, stage), answers, milliseconds }
}

/** Milliseconds by which a caller starts late: none, or up to some steps. A statement takes less than one. */
async function lateBy(round: number, position: number): Promise<void> {
  const milliseconds = 4 * (Math.floor(round / 2) % 4) * position
  if (milliseconds >= 1) await sleep(milliseconds)
}

/** Reports a refusal by its code, a failure of the database by its SQLSTATE, any other by its message. */
async function answerOf(call: Promise<string>): Promise<string> {
  try {
    return await call
  } catch (error) {
    if (error instanceof DomainError) return error.code
    const cause = error instanceof Error && error.cause ? error.cause : error
    if (cause instanceof DatabaseError && cause.code) return cause.code
    return cause instanceof Error ? cause.message : String(cause)
  }
}

/** Opens the connections again: idle ones have been closed after a while. */
async function open(connections: readonly Db[]): Promise<void> {
  await Promise.all(connections.map(({ sql }) => sql.execute('select')))
}

const MOST_LANES = 4
const CALLERS_AT_ONCE = 12

function laneCount({ callers }: { callers: number }): number {
  return Math.max(1, Math.min(MOST_LANES, Math.floor(CALLERS_AT_ONCE / callers)))
}

/** Number of connections that the race with the most callers needs. */
export function connectionsFor(races: readonly Race[]): number {
  return Math.max(...races.map((race) => laneCount(race) * race.callers))
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}
