import t from 'tap'
import { startMuster } from '../support/muster.ts'

t.test('who signs in for the first time gets an organisation of their own, and is its Admin', async (t) => {
  const muster = await startMuster(t)
  const alice = muster.user('alice')

  const first = await alice.put('/me')
  t.equal(first.status, 201)
  t.match(first.body.user, { id: 'alice', email: 'alice@example.com', emailVerified: true, name: 'Alice' })
  t.match(first.body.orgs, [{ name: "Alice's organisation", role: 'admin' }])

  const again = await alice.put('/me')
  t.equal(again.status, 200)
  t.same(again.body, first.body)
})
