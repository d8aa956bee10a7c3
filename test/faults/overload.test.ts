import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import t from 'tap'
import { claims, now, token } from '../support/keys.ts'
import { bearer, onDatabase, startProcess } from '../support/process.ts'
import type { Flooded } from './flood.ts'

t.setTimeout(120_000)

const FLOOD = join(import.meta.dirname, 'flood.ts')

const env = await onDatabase(t)
const alice = token(env.JWT_SECRET, { alg: 'HS256' }, claims({ sub: 'alice', exp: now() + 600 }))
const muster = startProcess(t, {
  ...env,
  MUSTER_DATA_DIR: t.testdir(),
  DATABASE_POOL_SIZE: '2',
  REQUESTS_AT_ONCE: '4',
})

t.test('a burst that can be served is served', async (t) => {
  const url = await muster.url
  const ask = async () => (await fetch(`${url}/orgs`, { headers: bearer(alice) })).status
  const statuses = await Promise.all(Array.from({ length: 200 }, ask))
  t.same(new Set(statuses), new Set([200]))
})

t.test(
  'under a flood each is answered, or told to come back, and what was acknowledged is there',
  async (t) => {
    const url = await muster.url
    const { stdout } = await promisify(execFile)(process.execPath, [FLOOD, url, alice, '6000', '2000'], {
      maxBuffer: 16 * 1024 * 1024,
    })
    const { statuses, livez, unavailableWithoutRetryAfter, created }: Flooded = JSON.parse(stdout)
    t.same(Object.keys(statuses).sort(), ['200', '201', '503'], JSON.stringify(statuses))
    t.equal(unavailableWithoutRetryAfter, 0)
    t.same(Object.keys(livez), ['200'], 'it lives, and says so all the time')

    const client = new Client({ connectionString: env.DATABASE_URL })
    await client.connect()
    const { rowCount } = await client.query('select from orgs where id = any($1)', [created])
    await client.end()
    t.equal(created.length, statuses['201'])
    t.equal(rowCount, created.length)

    const after = await fetch(`${url}/orgs`, { headers: bearer(alice) })
    t.equal(after.status, 200, 'and when it is over, all is well')
  },
)
