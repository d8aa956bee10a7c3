import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, Connection } from './connection.ts'
import type { Outcome, Slice, Written } from './load.ts'

// A process of its own, which is told a slice of load and tells how it went. All requests are written beforehand, and
// all answers are checked.

process.on('message', (slice: Slice) =>
  run(slice).then(
    (outcome) => process.send?.({ outcome }),
    (error) => process.send?.({ error: String(error instanceof Error ? error.message : error) }),
  ),
)

interface Ready extends Written {
  readonly place: number
  readonly buffer: Buffer
  readonly wanted: Buffer
}

class Tally {
  readonly latencies: number[] = []
  readonly acknowledged: number[] = []
  readonly turnedAway: number[] = []
  mute = 0
  wrong: string | undefined
  readonly #mayRefuse: boolean

  constructor(mayRefuse: boolean) {
    this.#mayRefuse = mayRefuse
  }

  take({ status, bytes, bodyAt }: Answer, request: Ready, milliseconds: number): void {
    if (this.#mayRefuse && status === 503) {
      this.turnedAway.push(request.place)
      if (!/\r\nretry-after: *\d+/i.test(bytes.toString('latin1', 0, bodyAt))) this.mute += 1
      return
    }
    if (status !== request.status || timesIn(bytes, request.wanted, bodyAt) !== request.times)
      this.wrong ??= `${request.head.split('\r\n', 1)[0]} was answered\n${bytes.toString().slice(0, 2_000)}`
    this.acknowledged.push(request.place)
    this.latencies.push(milliseconds)
  }
}

async function run(slice: Slice): Promise<Outcome> {
  const requests = slice.requests.map((written, place) => ({
    ...written,
    place,
    buffer: Buffer.from(written.head + written.body),
    wanted: Buffer.from(written.text),
  }))
  const tally = new Tally(slice.mayRefuse ?? false)
  let broken: ((error: Error) => void) | undefined
  const failure = new Promise<never>((_, reject) => {
    broken = reject
  })
  failure.catch(() => {})
  const connections = await Promise.all(
    Array.from({ length: slice.connections }, () => Connection.open(slice.port, (error) => broken?.(error))),
  )
  try {
    const begun = performance.now()
    const load = slice.rate
      ? paced(slice, requests, connections, tally)
      : closed(slice, requests, connections, tally)
    await Promise.race([load, failure])
    const seconds = (performance.now() - begun) / 1000
    if (tally.wrong) throw new Error(tally.wrong)
    return outcomeOf(tally, seconds, slice.cyclic)
  } finally {
    for (const connection of connections) connection.close()
  }
}

/** Sends the next request on each connection as soon as the last one is answered. */
async function closed(
  { seconds, cyclic }: Slice,
  requests: readonly Ready[],
  connections: readonly Connection[],
  tally: Tally,
): Promise<void> {
  const end = performance.now() + seconds * 1000
  let next = 0
  await Promise.all(
    connections.map(
      (connection) =>
        new Promise<void>((resolve) => {
          const ask = () => {
            const begun = performance.now()
            const request = requests[cyclic ? next % requests.length : next]
            if (!request || begun > end || tally.wrong) return resolve()
            next += 1
            connection.send(request.buffer, (answer) => {
              tally.take(answer, request, performance.now() - begun)
              ask()
            })
          }
          ask()
        }),
    ),
  )
}

/** Offers so many a second, whether earlier ones are answered or not. The wait for a connection counts as latency. */
async function paced(
  { seconds, cyclic, rate = 1 }: Slice,
  requests: readonly Ready[],
  connections: readonly Connection[],
  tally: Tally,
): Promise<void> {
  const free = [...connections]
  const waiting: { due: number; request: Ready }[] = []
  const begun = performance.now()
  let offered = 0
  let ended = 0
  const serve = () => {
    while (waiting.length > 0) {
      const connection = free.pop()
      const first = connection && waiting.shift()
      if (!first) return
      connection.send(first.request.buffer, (answer) => {
        tally.take(answer, first.request, performance.now() - first.due)
        ended += 1
        free.push(connection)
        serve()
      })
    }
  }
  for (;;) {
    const passed = performance.now() - begun
    if (passed > seconds * 1000 || tally.wrong) break
    for (; offered < (passed / 1000) * rate; offered++) {
      const request = requests[cyclic ? offered % requests.length : offered]
      if (!request) break
      waiting.push({ due: begun + (offered / rate) * 1000, request })
    }
    serve()
    await sleep(1)
  }
  while (ended < offered && !tally.wrong) await sleep(1)
}

function outcomeOf(tally: Tally, seconds: number, cyclic: boolean): Outcome {
  const { acknowledged, turnedAway, mute, latencies } = tally
  const sorted = Float64Array.from(latencies).sort()
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return {
    ...{ answered: acknowledged.length, refused: turnedAway.length, mute },
    ...{ acknowledged: cyclic ? [] : acknowledged, turnedAway: cyclic ? [] : turnedAway },
    ...{ seconds, rate: acknowledged.length / seconds, p50: at(0.5), p99: at(0.99), longest: at(1) },
  }
}

function timesIn(bytes: Buffer, wanted: Buffer, from: number): number {
  let times = 0
  for (let at = bytes.indexOf(wanted, from); at >= 0; at = bytes.indexOf(wanted, at + wanted.length))
    times += 1
  return times
}
