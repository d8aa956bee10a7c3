import { Client } from 'pg'
import t from 'tap'
import type { Database } from '../../src/db/client.ts'
import { checkAccess } from '../../src/domain/access/check.ts'
import { getInvitation } from '../../src/domain/invitations/read.ts'
import { getMember } from '../../src/domain/members/read.ts'
import { getOrg } from '../../src/domain/orgs/read.ts'
import { openExplained, type PlanMode } from '../support/plans.ts'
import { cloneDatabase } from '../support/postgres.ts'
import { backend } from './crowd.ts'

// Each person has an organisation of their own, with one member and one invitation. One organisation has many.
const ALONE = 60_000
const IN_BIG = 6_000

// Most pages of tables and indexes. The large organisation fills about forty pages of any index.
const FEW = 32

const BIG = '01930000-0000-7000-8000-000000000000'
const LAST = {
  id: `m${IN_BIG}`,
  invitation: `01940000-0000-7000-8000-${IN_BIG.toString(16).padStart(12, '0')}`,
}
const last = { type: 'user', id: LAST.id, email: null, emailVerified: false, name: null } as const
const admin = { ...last, id: 'm1' }

const READS: readonly [name: string, read: (db: Database) => Promise<unknown>][] = [
  ['a check', (db) => checkAccess(db, backend, [{ orgId: BIG, userId: LAST.id, permission: 'org:read' }])],
  ['the organisation', (db) => getOrg(db, last, { orgId: BIG })],
  ['one member', (db) => getMember(db, last, { orgId: BIG, userId: LAST.id })],
  ['one invitation', (db) => getInvitation(db, admin, { orgId: BIG, invitationId: LAST.invitation })],
]

const databaseUrl = await cloneDatabase(t)
const client = new Client({ connectionString: databaseUrl })
await client.connect()
const idOf = (prefix: string) => `('${prefix}0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`
for (const statement of [
  `insert into users (id) select 'm' || n from generate_series(1, ${ALONE}) as n`,
  `insert into orgs (id, name) select ${idOf('0193')}, 'Org' from generate_series(0, ${ALONE}) as n`,
  `insert into members (org_id, user_id, role, source)
    select ${idOf('0193')}, 'm' || n, 'admin', 'created' from generate_series(1, ${ALONE}) as n
    union all select '${BIG}', 'm' || n, case when n = 1 then 'admin' else 'member' end, 'provisioned'
      from generate_series(1, ${IN_BIG}) as n`,
  `insert into invitations (org_id, id, role, expires_in_days, inviter_type, inviter_id, expires_at)
    select ${idOf('0193')}, ${idOf('0195')}, 'member', 7, 'service', 'backend', now() from generate_series(1, ${ALONE}) as n
    union all select '${BIG}', ${idOf('0194')}, 'member', 7, 'service', 'backend', now()
      from generate_series(1, ${IN_BIG}) as n`,
  'vacuum analyze',
])
  await client.query(statement)
await client.end()

for (const mode of ['force_generic_plan', 'force_custom_plan'] satisfies PlanMode[]) {
  const db = openExplained(t, databaseUrl, mode)
  for (const [name, read] of READS)
    t.test(`where nearly everybody is alone, ${name} of many is found by its key: ${mode}`, async (t) => {
      db.executions()
      await read(db)
      const [execution, ...others] = db.executions()
      t.same(others, [])
      t.ok(execution && execution.pages <= FEW, `${execution?.pages} pages`)
    })
}
