import t from 'tap'
import { startMuster } from '../../support/muster.ts'

const muster = await startMuster(t)

t.test('GET /roles tells the matrix to whoever has a token', async (t) => {
  const billing = ['billing:read', 'billing:update']
  const reading = ['org:read', 'members:read']
  const { status, body } = await muster.user('alice').get('/roles')
  t.equal(status, 200)
  const sorted = body.roles.map(({ role, organization, resource }: Record<string, string[]>) => [
    role,
    organization?.toSorted(),
    resource?.toSorted(),
  ])
  const managing = ['org:update', 'org:delete', 'members:manage', 'invitations:manage', 'events:read']
  const tending = ['resource:update', 'resource:delete', 'resource:grant', 'resource:create']
  t.same(sorted, [
    [
      'admin',
      [...reading, ...billing, ...managing, 'resources:create'].toSorted(),
      ['resource:read', ...billing, ...tending].toSorted(),
    ],
    ['accounting', [...reading, ...billing].toSorted(), ['resource:read', ...billing].toSorted()],
    ['member', reading.toSorted(), ['resource:read']],
  ])
  t.same((await muster.user('anybody').get('/roles')).body, body)
  for (const scope of ['muster:read', 'muster:check'])
    t.same((await muster.service(scope).get('/roles')).body, body)
  t.match(await muster.stranger.get('/roles'), { status: 401, body: { code: 'unauthenticated' } })
})
