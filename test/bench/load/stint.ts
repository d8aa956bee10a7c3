import type { Contender } from '../contenders/contender.ts'
import { cpuOf, cpuOfFamily } from '../figures/process-figures.ts'
import type { Operation } from '../operations.ts'
import { type Load, type Outcome, written } from './load.ts'

export interface Stint extends Outcome {
  /** Milliseconds of CPU a request, of the server and of PostgreSQL. */
  readonly serverCpu: number
  readonly postgresCpu: number
}

export interface Pace {
  readonly connections: number
  readonly seconds: number
  /** Requests a second; absent: as many as are answered. */
  readonly rate?: number
  /** Allows a 503, as long as it has changed nothing. */
  readonly mayRefuse?: boolean
}

/** One operation of one contender in several stints. No call that uses something up comes twice. */
export class Course {
  readonly contender: Contender
  readonly operation: Operation
  readonly #load: Load
  readonly #postgres: number
  #next = 0
  #fastest = 0

  constructor(load: Load, postgres: number, contender: Contender, operation: Operation) {
    this.contender = contender
    this.operation = operation
    this.#load = load
    this.#postgres = postgres
  }

  /** @throws on a wrong answer, and when an acknowledged change is not in the database. */
  async run({ connections, seconds, rate, mayRefuse }: Pace): Promise<Stint> {
    const { operation, contender } = this
    const { name, cycle } = operation
    const from = cycle ? 0 : this.#next
    const wanted = cycle ?? Math.ceil(seconds * (rate ?? (this.#fastest * 1.5 || 4_000))) + connections
    await contender.stock(name, from, wanted)
    const calls = Array.from({ length: wanted }, (_, n) => contender.call(operation, from + n))
    const requests = calls.flatMap((call) => (call ? [written(call)] : []))
    this.#next = from + wanted
    const { port, pid } = contender.server
    const [server, postgres] = [cpuOf(pid), cpuOfFamily(this.#postgres)]
    const outcome = await this.#load.run({
      ...{ port, requests, connections, seconds, cyclic: cycle !== undefined },
      ...(rate !== undefined && { rate }),
      ...(mayRefuse && { mayRefuse }),
    })
    const each = (before: number, after: number) => ((after - before) * 1000) / outcome.answered
    const stint = {
      ...outcome,
      serverCpu: each(server, cpuOf(pid)),
      postgresCpu: each(postgres, cpuOfFamily(this.#postgres)),
    }
    this.#fastest = Math.max(this.#fastest, outcome.rate)
    const keptOf = (places: readonly number[]) =>
      contender.kept(
        name,
        places.map((place) => from + place),
      )
    const kept = await keptOf(outcome.acknowledged)
    if (kept !== undefined && kept !== outcome.answered)
      throw new Error(
        `${contender.name} acknowledged ${outcome.answered} × ${operation.title}, and kept ${kept}`,
      )
    const late = await keptOf(outcome.turnedAway)
    if (late)
      throw new Error(
        `${contender.name} refused ${outcome.refused} × ${operation.title}, and did ${late} of them`,
      )
    return stint
  }
}
