import t from 'tap'
import { startMuster, withOrg } from '../support/muster.ts'

const muster = await startMuster(t)

t.test('what is not a route is not found, with a body too', async (t) => {
  const reply = await fetch(`${muster.url}/nowhere`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"a":1}',
  })
  t.equal(reply.status, 404)
  t.match(await reply.json(), { code: 'route_not_found' })
})

t.test("an identity provider's id is told as it is, also where it looks like a code", async (t) => {
  const { alice, path } = await withOrg(muster)
  const instance = `${path}/members/auth0%7C507f1f77bcf86cd799439011`
  t.match(await alice.get(instance), { status: 404, body: { code: 'member_not_found', instance } })
})

t.test('an outsider learns nothing of what would be wrong with a body', async (t) => {
  const { path } = await withOrg(muster)
  const mallory = muster.user('mallory')
  for (const [method, route, body] of [
    ['put', '/billing', { vatId: 'DE1' }],
    ['post', '/invitations', { email: 'no address' }],
    ['put', '/members/x', { role: 'member', email: 'no address' }],
    ['put', '/members', { members: [{ userId: 'x', role: 'admin', email: 'no address' }] }],
  ] as const)
    t.match(await mallory[method](path + route, body), { status: 404, body: { code: 'org_not_found' } })
})
