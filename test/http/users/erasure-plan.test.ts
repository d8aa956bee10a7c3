import { Client } from 'pg'
import t from 'tap'
import { eraseUser } from '../../../src/domain/users/erase.ts'
import { openExplained } from '../../support/plans.ts'
import { cloneDatabase } from '../../support/postgres.ts'

// Rows that a statement of an erasure comes by, at most.
const FEW = 60

t.test('an erasure reads what names the person, however many organisations there are', async (t) => {
  const databaseUrl = await cloneDatabase(t)
  const db = openExplained(t, databaseUrl, 'force_custom_plan')
  const database = new Client({ connectionString: databaseUrl })
  await database.connect()
  t.teardown(() => database.end())
  await database.query(
    "insert into users (id, email, email_verified) values ('u', 'u@example.com', true), ('o', null, false)",
  )
  await database.query(`
    insert into orgs (id, name, last_sequence, named_after)
    select gen_random_uuid(), 'Org ' || n, 1, case when n % 2 = 0 then 'o' || n end from generate_series(1, 60000) as n`)
  await database.query(`
    insert into members (org_id, user_id, role, source, granted_by_type, granted_by_id)
    select id, 'o', 'admin', 'provisioned', 'user', 'o' from orgs limit 5000`)
  await database.query(
    "insert into members (org_id, user_id, role, source) select id, 'u', 'member', 'provisioned' from orgs limit 3",
  )
  await database.query(`
    insert into invitations (org_id, id, email, role, expires_in_days, inviter_type, inviter_id, expires_at)
    select id, gen_random_uuid(), id || '@example.com', 'member', 7, 'user', 'o-' || id, now() + interval '7 days' from orgs limit 20000`)
  await database.query(`
    insert into events (id, org_id, sequence, type, actor_type, actor_id, subject_type, subject_id, data, occurred_at)
    select gen_random_uuid(), id, 1, 'org.created', 'user', 'o-' || id, 'organization', id::text, '{"name":"N"}', now()
    from orgs limit 20000`)
  await database.query('analyze')
  await eraseUser(
    db,
    { type: 'service', id: 'backend', scopes: new Set(['muster:write'] as const) },
    { userId: 'u' },
  )
  const executions = db.executions()
  t.ok(executions.length > 15)
  for (const { rows, statement } of executions) t.ok(rows < FEW, `${rows} rows: ${statement.slice(0, 80)}`)
})
