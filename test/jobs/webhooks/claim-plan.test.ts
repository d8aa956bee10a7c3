import { sql } from 'drizzle-orm'
import t from 'tap'
import { openDatabase } from '../../../src/db/client.ts'
import { claimDue } from '../../../src/jobs/webhooks/queries/attempts.ts'
import { cloneDatabase } from '../../support/postgres.ts'

const WEBHOOKS = 50
const EVENTS = 20_000
const WAITING = 200

t.test('what is due is claimed by indexes alone, however much waits and has happened', async (t) => {
  const url = await cloneDatabase(t)
  const db = openDatabase(url, 1)
  t.teardown(() => db.close())
  await db.sql.execute(sql`insert into webhooks (id, url)
    select gen_random_uuid(), 'https://hooks.example.com/' from generate_series(1, ${WEBHOOKS})`)
  await db.sql.execute(sql`
    insert into events (id, type, actor_type, subject_type, subject_id, data, occurred_at)
    select gen_random_uuid(), 'org.updated', 'system', 'organization', 'x', '{}', now()
    from generate_series(1, ${EVENTS}) as n`)
  await db.sql.execute(sql`
    insert into deliveries (id, webhook_id, event_id, next_attempt_at)
    select gen_random_uuid(), webhooks.id, waiting.id, now() - interval '1 minute'
    from webhooks, (select id from events order by serial limit ${WAITING}) as waiting`)
  await db.sql.execute('analyze')
  // Else what was read until here is counted too: PostgreSQL notes it once a second at most.
  await db.sql.execute('select pg_stat_force_next_flush()')

  await db.transaction(async (tx) => {
    t.equal((await claimDue(tx, 4, new Map())).length, 4 * WEBHOOKS)
    const { rows } = await tx.execute<{ relname: string; seq: string }>(
      sql`select relname, seq_tup_read as seq from pg_stat_xact_user_tables
        where relname in ('deliveries', 'events') order by relname`,
    )
    t.same(
      rows.map(({ relname, seq }) => [relname, Number(seq)]),
      [
        ['deliveries', 0],
        ['events', 0],
      ],
    )
  })
})
