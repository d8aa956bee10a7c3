import { openWire, type Waits } from '../../support/round-trips.ts'
import type { Contender } from '../contenders/contender.ts'
import { type MusterStart, musterContender, startMuster } from '../contenders/muster.ts'
import type { Operation, OperationName } from '../operations.ts'
import type { Size } from '../world.ts'

// Numbers that no load reaches.
const FIRST = 900_000_000
// Muster's jobs send statements too, now and then, so the lowest count is the operation's.
const TIMES = 7

/** Counts round trips to PostgreSQL and statements for each operation, on a second Muster. */
export async function waitsOf(
  start: MusterStart,
  size: Size,
  operations: readonly Operation[],
): Promise<Map<OperationName, Waits>> {
  const endings: (() => unknown)[] = []
  const wire = await openWire({ teardown: (end) => void endings.push(end) }, start.databaseUrl)
  const server = await startMuster({ ...start, folder: `${start.folder}-on-the-wire`, databaseUrl: wire.url })
  try {
    const contender = musterContender(start, server, size)
    const waits = new Map<OperationName, Waits>()
    for (const operation of operations) {
      await contender.stock(operation.name, FIRST, TIMES + 1)
      const counted: Waits[] = []
      for (let n = 0; n <= TIMES; n++)
        counted.push(await wire.count(() => ask(contender, operation, operation.cycle ? n : FIRST + n)))
      const least = counted.slice(1).toSorted((one, other) => one.roundTrips - other.roundTrips)[0]
      if (least) waits.set(operation.name, least)
    }
    return waits
  } finally {
    await server.stop()
    for (const end of endings) await end()
  }
}

async function ask({ server, call }: Contender, operation: Operation, n: number): Promise<void> {
  const wanted = call(operation, n)
  if (!wanted) return
  const { method, path, headers, body, status } = wanted
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (response.status !== status)
    throw new Error(`${method} ${path} was answered ${response.status}: ${text}`)
}
