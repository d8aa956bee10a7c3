import type { Test } from 'tap'
import type { Delivery, Webhook, WebhookWithSecret } from '../../../src/domain/webhooks/webhook.ts'
import type { Worker } from '../../../src/jobs/worker.ts'
import { dump } from '../../support/dump.ts'
import { startJobs } from '../../support/jobs.ts'
import { type Muster, startMuster } from '../../support/muster.ts'
import { type Receiver, startReceiver } from '../../support/receiver.ts'
import { until } from '../scene.ts'

/** As JSON tells it. */
type Told<T> = {
  [K in keyof T]: T[K] extends Date ? string : T[K] extends Date | null ? string | null : T[K]
}

export type ToldDelivery = Told<Delivery>
export type ToldEvent = {
  readonly id: string
  readonly type: string
  readonly actor: object
  readonly subject: { readonly id: string }
  readonly data: object
}

/** Muster with its jobs, a backend, and what tests look at and hurry. */
export async function openHooks(t: Test, env: Record<string, string> = {}) {
  const muster = await startMuster(t, { WEBHOOK_ALLOW_PRIVATE: 'true', ...env })
  const backend = muster.service('muster:write')
  const query = async (text: string, values: unknown[] = []) =>
    (await muster.db.pool.query(text, values)).rows
  const hook = async (types: readonly string[] | null = ['org.created'], receiver?: Receiver) => {
    const at = receiver ?? (await startReceiver(t))
    const { body } = await backend.post('/webhooks', { url: at.url, types })
    at.secret = body.secret
    return { receiver: at, hook: body as Told<WebhookWithSecret> }
  }
  const test = async ({ id }: { id: string }): Promise<ToldDelivery> =>
    (await backend.post(`/webhooks/${id}/test`)).body
  const deliveriesOf = async ({ id }: { id: string }): Promise<ToldDelivery[]> =>
    (await backend.get(`/webhooks/${id}/deliveries?limit=100`)).body.data
  return {
    muster,
    backend,
    query,
    deliveriesOf,
    work: (timeout?: number): Promise<Worker> => startJobs(t, muster, timeout),
    /** An endpoint, with a receiver that knows its secret. It is not told of its own making unless it wants all. */
    hook,
    read: async ({ id }: { id: string }): Promise<Told<Webhook>> =>
      (await backend.get(`/webhooks/${id}`)).body,
    /** Something that happens. Answers its event's id once it has its place. */
    happen: async (name = 'Acme'): Promise<string> => {
      const { body } = await muster.user('alice').post('/orgs', { name })
      const placed = 'select id from events join feed_places on event_id = id where org_id = $1 and type = $2'
      await until(
        'it has its place',
        async () => (await query(placed, [body.id, 'org.created'])).length === 1,
      )
      return (await query(placed, [body.id, 'org.created']))[0].id
    },
    test,
    /** What waits for its pause is due now. An attempt that runs has a lease of exactly a minute, and keeps it. */
    hurry: () =>
      query(`update deliveries set next_attempt_at = now() where status = 'pending' and last_attempt_at is not null
        and next_attempt_at - last_attempt_at <> interval '60 seconds'`),
    /** The one delivery of the endpoint, when so many attempts have ended. */
    tried: async (hook: { id: string }, attempts: number): Promise<ToldDelivery> => {
      const ended = `select id from deliveries where webhook_id = $1 and attempts = $2
        and (next_attempt_at is null or next_attempt_at - last_attempt_at <> interval '60 seconds')`
      await until(
        `it was tried ${attempts} times`,
        async () => (await query(ended, [hook.id, attempts])).length === 1,
      )
      const [{ id }] = await query(ended, [hook.id, attempts])
      const found = (await deliveriesOf(hook)).find((delivery) => delivery.id === id)
      if (!found) throw new Error('a delivery is not in the list')
      return found
    },
    /** Whatever was due has been sent: what has become due after it came where it goes, and nothing is under way. */
    sent: async () => {
      const last = await hook(['member.left'])
      await test(last.hook)
      await last.receiver.arrived(1)
      const underWay =
        "select from deliveries where next_attempt_at - last_attempt_at = interval '60 seconds'"
      await until('nothing is under way', async () => (await query(underWay)).length === 0)
    },
    untilEnded: (hook: { id: string }, count: number) =>
      until(
        `${count} attempts have ended`,
        async () =>
          (await query('select from deliveries where webhook_id = $1 and duration is not null', [hook.id]))
            .length === count,
      ),
    /** No attempt runs. */
    ended: (hook: { id: string }) =>
      until(
        'no attempt runs',
        async () =>
          (
            await query(
              "select from deliveries where webhook_id = $1 and next_attempt_at - last_attempt_at = interval '60 seconds'",
              [hook.id],
            )
          ).length === 0,
      ),
    done: (hook: { id: string }, count: number) =>
      until(
        `${count} deliveries have got through`,
        async () =>
          (await query("select from deliveries where webhook_id = $1 and status = 'succeeded'", [hook.id]))
            .length === count,
      ),
  }
}

export type Hooks = Awaited<ReturnType<typeof openHooks>>

/** The whole feed, as a backend reads it. */
export async function feedOf({ service }: Muster): Promise<ToldEvent[]> {
  const backend = service('muster:read')
  const events: ToldEvent[] = []
  for (let cursor = ''; ; ) {
    const { body } = await backend.get(`/events?limit=100${cursor}`)
    if (body.data.length === 0) return events
    events.push(...body.data)
    cursor = `&cursor=${body.next}`
  }
}

/** Nothing has got through for so long, and it was tried until now; what waits, four times at least. */
export async function failFor({ query }: Hooks, interval: string): Promise<void> {
  await query('update webhooks set failing_since = now() - $1::interval, failed_at = now()', [interval])
  await query("update deliveries set attempts = greatest(attempts, 4) where status = 'pending'")
}

/** The events of endpoints that were disabled, once all have their places. */
export async function disablings({ muster, query }: Hooks): Promise<ToldEvent[]> {
  const unplaced = 'select from feed_queue'
  await until('all have their places', async () => (await query(unplaced)).length === 0)
  return (await feedOf(muster)).filter(({ type }) => type === 'webhook.disabled')
}

/** Seconds from an attempt's beginning to the next one. */
export function pauseOf({ lastAttemptAt, nextAttemptAt }: ToldDelivery): number {
  return (Date.parse(nextAttemptAt ?? '') - Date.parse(lastAttemptAt ?? '')) / 1000
}

/** Every row of Muster's tables, as text. */
export async function dumpText({ db }: Muster): Promise<string> {
  return Object.values(await dump(db)).join('\n')
}
