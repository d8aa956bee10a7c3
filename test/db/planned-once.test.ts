import t from 'tap'
import { onDatabase } from '../bench/contenders/durable-postgres.ts'
import { operationsOn } from '../bench/operations.ts'
import { idIn, plantWorld } from '../bench/world.ts'
import { type Muster, SECRET, startMuster } from '../support/muster.ts'

// PostgreSQL plans a named statement for its values five times. After that it keeps one plan for all values, unless
// plans for the values look so much cheaper that planning each call seems worth it. Planning takes longer than running.
const BEFORE_IT_DECIDES = 5
const CALLS = 20
const SIZE = { orgs: 10_000, trees: 100, large: 5_000, busy: 0 }
// These need an invitation: they follow the one that is made.
const FOLLOWS = ['preview', 'accept']

// One connection, so that all statements are prepared on it.
const muster = await startMuster(t, { DATABASE_POOL_SIZE: '1' })
await onDatabase(muster.databaseUrl, (client) => plantWorld(client, SIZE))
// Few organisations have many invitations. Those that are asked for have none, which is cheap to plan for.
await onDatabase(muster.databaseUrl, (client) =>
  client.query(`insert into invitations (org_id, id, email, role, inviter_type, inviter_id, expires_at, expires_in_days)
    select ${idIn(1, `${SIZE.orgs} - 1 - n % 100`)}, gen_random_uuid(), n || '@example.org', 'member', 'service', 's',
      now() + interval '1 day', 1 from generate_series(1, 10000) as n`),
)
await onDatabase(muster.databaseUrl, (client) => client.query('vacuum analyze'))

t.test('no statement on a hot path is planned for each call', async (t) => {
  for (const { name, call } of operationsOn(SIZE).filter(({ name }) => !FOLLOWS.includes(name)))
    for (let n = 0; n < CALLS; n++) {
      const { body } = await send(muster, call(n, SECRET))
      if (name === 'invite') await follow(body.code, n)
    }
  const { rows } = await muster.db.pool.query(
    'select name, custom_plans::int as custom from pg_prepared_statements where generic_plans + custom_plans >= $1',
    [CALLS],
  )
  t.ok(rows.length > 10, `${rows.length} statements`)
  t.same(
    rows.filter(({ custom }) => custom > BEFORE_IT_DECIDES),
    [],
  )
})

async function follow(code: string, n: number): Promise<void> {
  await muster.user(`looks${n}`).get(`/invitations/${code}`)
  const { status } = await muster.user(`i${n}`).post(`/invitations/${code}/accept`)
  if (status !== 201) throw new Error(`the acceptance was answered ${status}`)
}

type Call = ReturnType<ReturnType<typeof operationsOn>[number]['call']>

async function send({ url }: Muster, { method, path, headers, body, status }: Call) {
  const response = await fetch(url + path, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (response.status !== status) throw new Error(`${method} ${path} was answered ${response.status}`)
  return { body: (await response.json()) as { code: string } }
}
