import { Client } from 'pg'
import t from 'tap'
import { relayEvents } from '../../../src/jobs/feed/relay.ts'
import { until } from '../../jobs/scene.ts'
import { feedOf, openHooks } from './scene.ts'

// An endpoint is told of all that gets its place after it was made, or enabled; whatever the relay is doing then.

for (const [what, begin] of [
  ['made', async (hooks: Awaited<ReturnType<typeof openHooks>>) => (await hooks.hook(['org.created'])).hook],
  [
    'enabled',
    async (hooks: Awaited<ReturnType<typeof openHooks>>, { id }: { id: string }) => {
      await hooks.backend.patch(`/webhooks/${id}`, { status: 'enabled' })
      return { id }
    },
  ],
] as const)
  t.test(
    `a webhook that is ${what} while events get their places misses none that comes after it`,
    async (t) => {
      const hooks = await openHooks(t)
      const { hook: first } = await hooks.hook(['org.created'])
      const { hook: waiting } = await hooks.hook(['org.created'])
      await hooks.backend.patch(`/webhooks/${waiting.id}`, { status: 'disabled' })
      const holder = new Client({ connectionString: hooks.muster.databaseUrl })
      await holder.connect()
      t.teardown(() => holder.end())
      await holder.query('begin')
      await holder.query('select from webhooks where id = $1 for update', [first.id])
      const relaying = relayEvents(hooks.muster.db)
      const waits = (count: number) =>
        until('somebody waits', async () => {
          const locked =
            "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
          return (await hooks.query(locked)).length === count
        })
      await waits(1)
      const beginning = begin(hooks, waiting)
      await waits(2)
      await holder.query('rollback')
      const { id } = await beginning
      const before = await feedOf(hooks.muster)
      await hooks.muster.user('alice').post('/orgs', { name: 'After' })
      await relaying
      while ((await relayEvents(hooks.muster.db)) > 0);
      const event = (await feedOf(hooks.muster)).find(({ type }) => type === 'org.created')
      t.ok(event)
      t.notOk(
        before.some(({ id }) => id === event?.id),
        'it came after the webhook',
      )
      t.equal((await hooks.deliveriesOf({ id })).length, 1, 'and it was told')
    },
  )
