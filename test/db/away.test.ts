import dns from 'node:dns'
import t from 'tap'
import { openDatabase } from '../../src/db/client.ts'
import { isUnavailable, withoutParameters } from '../../src/db/errors.ts'
import { startMuster } from '../support/muster.ts'

// A name with two addresses, as `localhost` is on most machines, and nobody who listens at either of them.
const NAME = 'two.example.com'
const real = dns.lookup
dns.lookup = Object.assign(
  (name: string, options: dns.LookupOptions, callback: (...answer: unknown[]) => void) => {
    if (name !== NAME) return real(name, options, callback)
    callback(null, [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ])
  },
  real,
) as typeof dns.lookup

t.test('a database that is away is away, also where its name has several addresses', async (t) => {
  const db = openDatabase(`postgres://${NAME}:1/none`, 1)
  t.teardown(() => db.close())
  const error = await db.pool.query('select 1').catch((error) => error)
  t.ok(error instanceof AggregateError, 'Node says so of each address')
  t.ok(isUnavailable(error))
  t.match(withoutParameters(error).message, /^connect ECONNREFUSED /)
})

t.test('and who asks is told to come again', async (t) => {
  const muster = await startMuster(t, { DATABASE_URL: `postgres://${NAME}:1/none` })
  const answer = { status: 503, body: { code: 'unavailable' } }
  t.match(await muster.user('alice').get('/orgs'), answer)
  t.match(await muster.stranger.get('/readyz'), answer)
})
