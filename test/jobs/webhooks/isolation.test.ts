import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { byForm } from '../../support/form.ts'
import type { Receiver } from '../../support/receiver.ts'
import { until } from '../scene.ts'
import { type Hooks, openHooks } from './scene.ts'

const ENDPOINTS = 10
const EVENTS = byForm(60, 200)
const CALLERS = 2

t.test('an endpoint that never answers delays no other one', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const { receiver: dead, hook } = await hooks.hook(['org.updated'])
  const others: Receiver[] = []
  for (let n = 1; n < ENDPOINTS; n++) others.push((await hooks.hook(['org.updated'])).receiver)

  const healthy = await measure(hooks, others)
  await until('the tenth has all too', () => dead.received.length === EVENTS)
  dead.answer = 'hang'
  const beside = await measure(hooks, others)

  tell(t, `nine of ${ENDPOINTS}, all healthy:`, healthy)
  tell(t, 'nine beside one that hangs:', beside)
  for (const { received, refused } of others) {
    t.equal(new Set(received.map(({ id }) => id)).size, 2 * EVENTS, 'it got everything')
    t.equal(received.length, 2 * EVENTS, 'once')
    t.same(refused(), [])
  }
  const asked = dead.received.length - EVENTS
  t.ok(asked > 0 && asked < EVENTS, `meanwhile the dead one was asked ${asked} times of ${EVENTS}`)
  const waiting = "select from deliveries where status = 'pending' and webhook_id = $1"
  t.equal((await hooks.query(waiting, [hook.id])).length, EVENTS, 'and all of its deliveries wait')
})

/** Milliseconds from each event to its arrival at each of these, sorted. */
async function measure({ muster, query }: Hooks, receivers: readonly Receiver[]): Promise<number[]> {
  const already = receivers.map(({ received }) => received.length)
  const alice = muster.user('alice')
  const change = async (_: unknown, caller: number) => {
    const { body } = await alice.post('/orgs', { name: `Org ${caller}` })
    for (let n = 0; n < EVENTS / CALLERS; n++) {
      await alice.patch(`/orgs/${body.id}`, { name: `Org ${caller}.${n}` })
      await pause(60)
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, change))
  await until('all have come', () =>
    receivers.every(({ received }, index) => received.length >= (already[index] ?? 0) + EVENTS),
  )
  const written: { id: string; at: Date }[] = await query('select id, occurred_at as at from events')
  const begun = new Map(written.map(({ id, at }) => [id, at.getTime()]))
  return receivers
    .flatMap(({ received }, index) => received.slice(already[index]))
    .map(({ id, at }) => at - (begun.get(id) ?? Number.NaN))
    .sort((a, b) => a - b)
}

function tell(t: Test, what: string, sorted: readonly number[]): void {
  const at = (share: number) => `${sorted[Math.floor((sorted.length - 1) * share)]} ms`
  t.comment(`${what} ${sorted.length} arrivals, median ${at(0.5)}, 95 % ${at(0.95)}, worst ${at(1)}`)
}
