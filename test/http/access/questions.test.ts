import t from 'tap'
import { dump } from '../../support/dump.ts'
import { startMuster } from '../../support/muster.ts'
import { plant } from '../../support/tree.ts'

const muster = await startMuster(t)
const checker = muster.service('muster:check')

const forbidden = { status: 403, body: { code: 'forbidden' } }

t.test('a user asks about themselves, a service with muster:check about anybody', async (t) => {
  const { admin, orgId } = await plant(muster)
  const ask = (userId?: string) => ({
    checks: [{ orgId, permission: 'org:read', ...(userId && { userId }) }],
  })
  for (const body of [ask(), ask('alice')])
    t.match(await admin.post('/access/check', body), { status: 200, body: { results: [{ allowed: true }] } })
  for (const userId of ['bob', 'nobody', 'Alice'])
    t.match(await admin.post('/access/check', ask(userId)), forbidden)
  t.match(
    await admin.post('/access/check', { checks: [...ask().checks, ...ask('bob').checks] }),
    forbidden,
    'one question too many spoils them all',
  )
  for (const scope of ['muster:read', 'muster:write', 'muster:read muster:write', 'muster:checks', ''])
    t.match(await muster.service(scope).post('/access/check', ask('alice')), { status: /^40[13]$/ }, scope)
  for (const scope of ['muster:check', 'muster:read muster:check'])
    t.match(await muster.service(scope).post('/access/check', ask('bob')), {
      status: 200,
      body: { results: [{ allowed: true, role: 'member' }] },
    })
  t.match(await checker.post('/access/check', { checks: [...ask('bob').checks, ...ask().checks] }), {
    status: 400,
    body: { code: 'invalid_request', errors: [{ pointer: '/checks/1/userId' }] },
  })
  t.match(await muster.stranger.post('/access/check', ask('alice')), { status: 401 })
})

t.test('a permission that does not exist there is a mistake, and the answer says where', async (t) => {
  const { admin, orgId, design } = await plant(muster)
  const fine = { orgId, permission: 'org:read' }
  const here = { orgId, resourceId: design }
  for (const wrong of [
    ...['resource:read', 'resource:grant', 'org:own', 'Org:read', '', 'toString', null, 1].map(
      (permission) => ({
        orgId,
        permission,
      }),
    ),
    ...['org:read', 'members:manage', 'resources:create', 'resource:own', '__proto__'].map((permission) => ({
      ...here,
      permission,
    })),
  ])
    t.match(
      await admin.post('/access/check', { checks: [fine, wrong] }),
      { status: 400, body: { code: 'invalid_request', errors: [{ pointer: '/checks/1/permission' }] } },
      String(wrong.permission),
    )
})

t.test('from one to a hundred questions, of the right form', async (t) => {
  const { admin, orgId } = await plant(muster)
  const question = { orgId, permission: 'org:read' }
  const before = await dump(muster.db)
  for (const length of [1, 100]) {
    const { status, body } = await admin.post('/access/check', { checks: Array(length).fill(question) })
    t.equal(status, 200)
    t.equal(body.results.length, length)
  }
  for (const length of [0, 101])
    t.match(await admin.post('/access/check', { checks: Array(length).fill(question) }), {
      status: 400,
      body: { code: 'invalid_request', errors: [{ pointer: '/checks' }] },
    })
  for (const wrong of [
    { ...question, orgId: 'x' },
    { ...question, orgId: null },
    { ...question, resourceId: null },
    { ...question, userId: '' },
    { ...question, userId: null },
    { ...question, role: 'admin' },
    { permission: 'org:read' },
    { orgId },
    null,
    'org:read',
  ])
    t.match(await admin.post('/access/check', { checks: [wrong] }), {
      status: 400,
      body: { code: 'invalid_request' },
    })
  for (const body of [undefined, {}, [], { checks: {} }, { checks: [question], more: 1 }])
    t.match(await admin.post('/access/check', body), { status: 400, body: { code: 'invalid_request' } })
  t.same(await dump(muster.db), before, 'and asking changes nothing')
})
