import { DatabaseError, Pool, type PoolClient } from 'pg'
import { line } from './row.ts'

// Measures what other ways break: those that promises.md lists, on tables of their own.

const ORGS = 200

interface Way {
  readonly name: string
  readonly callers: number
  readonly isolation?: string
  /** The work of each caller, in a transaction of its own. */
  readonly work: (client: PoolClient, org: number, caller: number) => Promise<unknown>
  /** Counts the organisations that are broken afterwards. */
  readonly broken: string
}

const NO_ADMIN = `select count(*) from orgs where not exists (select from members where org_id = id and admin)`
const NOT_ONE_WINNER = `select count(*) from orgs where (select count(*) from members where org_id = id) <> 3`

const LOCK = 'select from orgs where id = $1 for no key update'
const DEMOTE = 'update members set admin = false where org_id = $1 and user_id = $2'

const WAYS: readonly Way[] = [
  { name: 'count Admins, then update (READ COMMITTED)', callers: 2, work: countThenUpdate, broken: NO_ADMIN },
  {
    name: 'the count inside the update',
    callers: 2,
    work: (client, org, caller) =>
      client.query(`${DEMOTE} and (select count(*) from members where org_id = $1 and admin) > 1`, [
        org,
        caller,
      ]),
    broken: NO_ADMIN,
  },
  {
    name: 'REPEATABLE READ',
    callers: 2,
    isolation: 'repeatable read',
    work: countThenUpdate,
    broken: NO_ADMIN,
  },
  { name: 'SERIALIZABLE', callers: 2, isolation: 'serializable', work: countThenUpdate, broken: NO_ADMIN },
  {
    name: 'lock the org first: for no key update',
    callers: 2,
    work: async (client, org, caller) => {
      await client.query(LOCK, [org])
      await countThenUpdate(client, org, caller)
    },
    broken: NO_ADMIN,
  },
  {
    name: 'accept: read, check, insert',
    callers: 5,
    work: async (client, org, caller) => {
      const { rows } = await client.query('select used from codes where org_id = $1', [org])
      if (rows[0].used) return
      await client.query('update codes set used = true where org_id = $1', [org])
      await client.query('insert into members values ($1, $2, false)', [org, 10 + caller])
    },
    broken: NOT_ONE_WINNER,
  },
  {
    name: 'accept: conditional update first',
    callers: 5,
    work: async (client, org, caller) => {
      const { rowCount } = await client.query('update codes set used = true where org_id = $1 and not used', [
        org,
      ])
      if (rowCount) await client.query('insert into members values ($1, $2, false)', [org, 10 + caller])
    },
    broken: NOT_ONE_WINNER,
  },
  {
    name: 'insert a member, then lock the org: for update',
    callers: 2,
    work: async (client, org, caller) => {
      await client.query('insert into members values ($1, $2, false)', [org, 10 + caller])
      await client.query('select from orgs where id = $1 for update', [org])
    },
    broken: NO_ADMIN,
  },
]

async function countThenUpdate(client: PoolClient, org: number, caller: number): Promise<void> {
  const { rows } = await client.query('select from members where org_id = $1 and admin', [org])
  if (rows.length > 1) await client.query(DEMOTE, [org, caller])
}

const schema = `naive_ways_${process.pid}`
const pool = new Pool({
  connectionString: process.env.TEST_DATABASE_URL,
  max: 20,
  // Milliseconds that a session waits before it looks for a deadlock.
  options: `-c search_path=${schema} -c deadlock_timeout=50`,
})
try {
  await pool.query(`create schema ${schema}`)
  console.log(line('way', 'orgs', 'callers', 'broken', '40001', 'deadlocks'))
  for (const way of WAYS) await measure(way)
} finally {
  await pool.query(`drop schema ${schema} cascade`)
  await pool.end()
}

async function measure({ name, callers, isolation = 'read committed', work, broken }: Way): Promise<void> {
  await pool.query(`
    drop table if exists members, codes, orgs;
    create table orgs (id int primary key);
    create table members (org_id int references orgs, user_id int, admin bool, primary key (org_id, user_id));
    create table codes (org_id int primary key references orgs, used bool not null default false);
    insert into orgs select generate_series(1, ${ORGS});
    insert into codes select id from orgs;
    insert into members select id, generate_series(0, 1), true from orgs`)
  const failures: string[] = []
  for (let org = 1; org <= ORGS; org++) {
    const clients = await Promise.all(Array.from({ length: callers }, () => pool.connect()))
    await Promise.all(
      clients.map(async (client, caller) => {
        await client.query(`begin isolation level ${isolation}`)
        try {
          await work(client, org, caller)
          await client.query('commit')
        } catch (error) {
          failures.push(error instanceof DatabaseError ? (error.code ?? '') : String(error))
          await client.query('rollback')
        } finally {
          client.release()
        }
      }),
    )
  }
  const { rows } = await pool.query<{ count: number }>(broken)
  const failed = (code: string) => failures.filter((failure) => failure === code).length
  console.log(line(name, ORGS, callers, rows[0]?.count ?? '?', failed('40001'), failed('40P01')))
}
