import { Client } from 'pg'
import t from 'tap'
import { openDatabase } from '../../src/db/client.ts'
import { isUnavailable } from '../../src/db/errors.ts'
import { cloneDatabase, PATIENT } from '../support/postgres.ts'

const url = await cloneDatabase(t)

function open(t: { teardown(end: () => Promise<void>): void }, size: number) {
  const db = openDatabase(url, size, PATIENT)
  t.teardown(() => db.close())
  const read = (text: string, values?: unknown[]) => db.sql.$client.query(text, values)
  return { read, pidOf: async () => (await read('select pg_backend_pid() as pid')).rows[0].pid as number }
}

t.test('reads that wait for a connection share the next one, and each has its own answer', async (t) => {
  const { read } = open(t, 1)
  const answers = await Promise.allSettled(
    Array.from({ length: 9 }, (_, n) => read(n === 4 ? 'select 1 / 0' : `select ${n} as n`)),
  )
  t.same(
    answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.rows[0].n : answer.reason.code)),
    [0, 1, 2, 3, '22012', 5, 6, 7, 8],
  )
  t.equal((await read('select 1 as one')).rows[0].one, 1, 'the connection is kept')
})

t.test('a read takes a free connection, also while others are slow', async (t) => {
  const { read, pidOf } = open(t, 2)
  const lock = new Client({ connectionString: url })
  await lock.connect()
  await lock.query('select pg_advisory_lock(1)')
  const slow = read('select pg_advisory_xact_lock(1)')
  t.ok(await pidOf())
  t.ok(await pidOf())
  await lock.end()
  await slow
})

t.test('a connection that is lost fails what it carries, and nothing else', async (t) => {
  const { read, pidOf } = open(t, 1)
  const pid = await pidOf()
  const [lost, ...others] = await Promise.allSettled([
    read('select pg_terminate_backend($1)', [pid]),
    ...Array.from({ length: 7 }, () => read('select 1')),
  ])
  t.equal(lost?.status, 'rejected')
  for (const other of others) t.ok(other.status === 'fulfilled' || isUnavailable(other.reason))
  t.equal(others.at(-1)?.status, 'fulfilled', 'those behind it get another connection')
  t.not(await pidOf(), pid)
})
