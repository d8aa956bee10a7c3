import t from 'tap'
import { startMuster, withOrg } from '../../support/muster.ts'

// More than are looked at before anything else is tried, and more people of one name than are looked up.
const MEMBERS = 2_600
const STRANGERS = 5_200

const muster = await startMuster(t)
const { org } = await withOrg(muster)
const { pool } = muster.db
await pool.query(
  `insert into users (id, name, email)
    select 'm' || n, case when n % 500 = 3 then 'Ümit ' || n when n % 2 = 0 then 'Common ' || n end,
      case when n % 600 = 1 then 'ZOE' || n || '@example.com' when n > 2400 then 'late' || n || '@example.com' end
    from generate_series(1, $1::int) as n
    union all select 's' || n, 'Zoe ' || n, 'ümit' || n % 100 || '@example.com' from generate_series(1, $2::int) as n`,
  [MEMBERS, STRANGERS],
)
await pool.query(
  `insert into members (org_id, user_id, role, source, joined_at)
    select $1, 'm' || n, case when n % 3 = 0 then 'accounting' else 'member' end, 'provisioned',
      now() - make_interval(secs => ($2::int - n) / 10)
    from generate_series(1, $2::int) as n`,
  [org.id, MEMBERS],
)

interface Told {
  readonly userId: string
  readonly name: string | null
  readonly email: string | null
  readonly role: string
}

const backend = muster.service('muster:read')

async function listed(query: string, limit: number, cursor = ''): Promise<Told[]> {
  const { status, body } = await backend.get(
    `/orgs/${org.id}/members?limit=${limit}${query}${cursor && `&cursor=${cursor}`}`,
  )
  if (status !== 200) throw new Error(body.code)
  return body.next === null ? body.data : [...body.data, ...(await listed(query, limit, body.next))]
}

const everybody = await listed('', 100)
t.equal(everybody.length, MEMBERS + 1)

for (const [what, q, limit, matches] of [
  ['what many are called, who come next', 'common', 100, 1_300],
  ['a name of few here and elsewhere', 'ümit', 2, 6],
  ['the same in other letters, a page for each', 'ÜMIT 5', 1, 1],
  ['an address of few here, which is the name of very many elsewhere', 'zoe', 100, 5],
  ['the same, two on a page', 'zoe', 2, 5],
  ['an address of those who joined last', 'late', 30, 199],
  ['what nobody is called', 'nobody', 10, 0],
  ['what only strangers are called', 'zoe 5', 10, 0],
  ['the whole of an address', 'zoe1@example.com', 10, 1],
  ['what looks like a pattern', 'common_', 10, 0],
] as const)
  for (const role of [undefined, 'accounting', 'member', 'admin'])
    t.test(`${what}, ${role ?? 'in any role'}`, async (t) => {
      const begins = (text: string | null) => text?.toLowerCase().startsWith(q.toLowerCase())
      const found = everybody.filter(({ name, email }) => begins(name) || begins(email))
      t.equal(found.length, matches)
      const query = `&q=${encodeURIComponent(q)}${role ? `&role=${role}` : ''}`
      t.same(
        await listed(query, limit),
        found.filter((member) => role === undefined || member.role === role),
        'all of them, in the order they joined',
      )
    })
