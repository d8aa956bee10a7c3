import { withoutParameters } from '../../db/errors.ts'
import { relayEvents } from '../feed/relay.ts'
import { type DeliveryDeps, deliver } from './deliver.ts'
import { type Attempt, claimDue } from './queries/attempts.ts'

// Concurrent deliveries to one endpoint, from one process.
const LANES = 4

// Milliseconds: between two looks for new work, after a failure, and for the running attempts to end when told to stop.
const TICK = 300
const RESTART_PAUSE = 2_000
const PATIENCE = 3_000

/**
 * Moves committed events into the feed, and from there to the endpoints, each in lanes of its own. After the signal it
 * waits for the running attempts, and cuts off those that take long. The database may be away: the outbox resumes when
 * it is back.
 */
export async function keepOutbox(deps: DeliveryDeps, stopping: AbortSignal): Promise<void> {
  const running = new Map<Attempt, Promise<void>>()
  const cut = new AbortController()
  let wake = () => {}
  const nap = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, stopping.aborted ? 0 : milliseconds)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  stopping.addEventListener('abort', () => wake())

  while (!stopping.aborted) {
    const placed = await tried(() => relayEvents(deps.db))
    const due = await tried(() => claimDue(deps.db.sql, LANES, busyLanes(running)))
    for (const attempt of due ?? []) running.set(attempt, run(attempt))
    if (placed === undefined || due === undefined) await nap(RESTART_PAUSE)
    else if (placed + due.length === 0) await nap(TICK)
  }
  const impatience = setTimeout(() => cut.abort(), PATIENCE)
  await Promise.all(running.values())
  clearTimeout(impatience)

  /** Catches a failure, so that neither part waits for the other one to work again. */
  async function tried<T>(work: () => Promise<T>): Promise<T | undefined> {
    return work().catch((error) => {
      deps.log.warn(
        { reason: withoutParameters(error).message },
        'the outbox could not go on, and tries again',
      )
      return undefined
    })
  }

  /** Runs an attempt. If its end could not be recorded, it is made again when its lease expires. */
  async function run(attempt: Attempt): Promise<void> {
    await deliver(deps, attempt, cut.signal).catch((error) =>
      deps.log.warn(
        { reason: withoutParameters(error).message },
        'the result of a delivery could not be recorded',
      ),
    )
    running.delete(attempt)
    wake()
  }
}

function busyLanes(running: ReadonlyMap<Attempt, unknown>): ReadonlyMap<string, number> {
  const byWebhook = Map.groupBy(running.keys(), ({ webhookId }) => webhookId)
  return new Map([...byWebhook].map(([webhookId, attempts]) => [webhookId, attempts.length]))
}
