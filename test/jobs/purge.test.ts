import { sql } from 'drizzle-orm'
import t from 'tap'
import { purge } from '../../src/jobs/purge/purge.ts'
import { openScene, type Scene, until } from './scene.ts'

t.test('an organisation is deleted for good when its time to be restored is over', async (t) => {
  const scene = await openScene(t)
  await scene.invite('bob@example.com')
  await deletedFor(scene, '29 days 23 hours')
  await purge(scene.db, null)
  t.equal(await count(scene, 'orgs'), 1)
  t.equal(await count(scene, 'sendings'), 1)

  await deletedFor(scene, '30 days 61 seconds')
  await purge(scene.db, null)
  for (const table of ['orgs', 'members', 'invitations', 'sendings'])
    t.equal(await count(scene, table), 0, table)
  t.equal(await count(scene, 'users'), 1, 'people stay')
})

t.test(
  'its resources go from the leaves up, however many there are, with grants and invoice information',
  async (t) => {
    const scene = await openScene(t)
    await scene.db.sql.execute(sql`insert into resources (org_id, id, parent_id, path, type, name)
    select ${scene.org.id}, n::text::uuid, parent, array_remove(array[parent, n::text::uuid], null), 'workspace', 'W'
    from (select lpad(to_hex(n), 32, '0') as n, case when n > 3 then lpad(to_hex(n % 3 + 1), 32, '0')::uuid end as parent
      from generate_series(1, 2500) as n) as tree`)
    await scene.db.sql.execute(sql`insert into grants (org_id, user_id, resource_id, role, granted_by_type, granted_by_id)
    select members.org_id, members.user_id, resources.id, 'member', 'user', members.user_id
    from members join resources using (org_id)`)
    await scene.db.sql.execute(sql`insert into billing (org_id, resource_id)
    select org_id, id from resources limit 50`)
    await scene.db.sql.execute(sql`insert into billing (org_id) values (${scene.org.id})`)
    await deletedFor(scene, '31 days')
    await purge(scene.db, null)
    for (const table of ['resources', 'grants', 'billing', 'members', 'orgs'])
      t.equal(await count(scene, table), 0, table)
  },
)

t.test(
  'a first answer is kept for 24 hours, a wrong code for a minute, however many there are',
  async (t) => {
    const scene = await openScene(t)
    await scene.db.sql.execute(sql`insert into idempotency_keys (id, fingerprint, answer, created_at)
    select int4send(n), '', '', now() - case when n = 0 then interval '23 hours' else interval '25 hours' end
    from generate_series(0, 2500) as n`)
    await scene.db.sql.execute(sql`insert into wrong_codes (id, tried_by, tried_at)
    select gen_random_uuid(), '', now() - case when n = 0 then interval '50 s' else interval '61 s' end
    from generate_series(0, 2500) as n`)
    await purge(scene.db, null)
    t.equal(await count(scene, 'idempotency_keys'), 1)
    t.equal(await count(scene, 'wrong_codes'), 1)
    t.equal(await count(scene, 'orgs'), 1)
  },
)

t.test('the worker purges when its hour comes', async (t) => {
  const scene = await openScene(t)
  await deletedFor(scene, '31 days')
  await scene.work()
  await until('the timetable is known', async () => (await timetable(scene)).length === 3)
  t.same(await timetable(scene), ['purge', 'report-backlog', 'unlock-abandoned-jobs'])
  await scene.db.sql.execute(sql`select graphile_worker.add_job('purge')`)
  await until('it is gone', async () => (await count(scene, 'orgs')) === 0)
})

async function deletedFor({ db, org }: Scene, time: string): Promise<void> {
  await db.sql.execute(sql`update orgs set deleted_at = now() - ${time}::interval where id = ${org.id}`)
}

async function count({ db }: Scene, table: string): Promise<number> {
  const { rows } = await db.sql.execute<{ count: number }>(sql.raw(`select count(*)::int from ${table}`))
  return rows[0]?.count ?? -1
}

async function timetable({ db }: Scene): Promise<string[]> {
  const { rows } = await db.sql.execute<{ identifier: string }>(
    sql`select identifier from graphile_worker._private_known_crontabs order by identifier`,
  )
  return rows.map(({ identifier }) => identifier)
}
