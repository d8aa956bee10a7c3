import { sql } from 'drizzle-orm'
import t from 'tap'
import { reportBacklog } from '../../src/jobs/backlog.ts'
import { relayEvents } from '../../src/jobs/feed/relay.ts'
import { readBacklog } from '../../src/jobs/queries.ts'
import { startMuster, withOrg } from '../support/muster.ts'

const muster = await startMuster(t)
const { db } = muster
const NOTHING = { waiting: 0, failing: 0, oldest: 0 }

t.test('of nothing nothing waits, and nothing is said', async (t) => {
  t.same(await readBacklog(db.sql), { mails: NOTHING, events: NOTHING, deliveries: NOTHING })
  t.same(await told(), [])
})

t.test(
  'mails, events and deliveries are counted until they are done, and said how long they wait',
  async (t) => {
    await muster.service('muster:write').post('/webhooks', { url: 'https://hooks.example.com/' })
    const { alice, path } = await withOrg(muster)
    await alice.post(`${path}/invitations`, { email: 'bob@example.com' })
    t.match(await readBacklog(db.sql), {
      mails: { waiting: 1, failing: 0 },
      events: { waiting: 4, failing: 0 },
      deliveries: { waiting: 0 },
    })
    await relayEvents(db)
    t.match(await readBacklog(db.sql), { events: { waiting: 0 }, deliveries: { waiting: 4, failing: 0 } })
    t.match(await told(), [{ level: 'info', backlog: { mails: { waiting: 1 } } }])

    await db.sql.execute(
      sql`update deliveries set attempts = 1, next_attempt_at = now() - interval '10 minutes'`,
    )
    const { deliveries } = await readBacklog(db.sql)
    t.match(deliveries, { waiting: 4, failing: 4 })
    t.ok(deliveries.oldest > 590 && deliveries.oldest < 700, `${deliveries.oldest} seconds`)
    t.match(await told(), [{ level: 'warn' }])
  },
)

t.test('what waits for a webhook that is disabled is no backlog', async (t) => {
  await db.sql.execute(sql`update webhooks set status = 'disabled'`)
  t.match(await readBacklog(db.sql), { deliveries: NOTHING })
})

async function told(): Promise<object[]> {
  const lines: object[] = []
  const to = (level: string) => (fields: object) => void lines.push({ level, ...fields })
  await reportBacklog(db, { trace: to('trace'), debug: to('debug'), info: to('info'), warn: to('warn') })
  return lines
}
