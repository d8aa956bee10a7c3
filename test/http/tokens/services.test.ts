import t, { type Test } from 'tap'
import { type Caller, startMuster, withOrg } from '../../support/muster.ts'
import { type Call, callOf, furnish, operationsOf, send } from '../../support/operations.ts'

const muster = await startMuster(t)
const checker = muster.service('muster:check')
const reader = muster.service('muster:read')
const writer = muster.service('muster:write')
const MISSING = '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e'

t.test('muster:read opens every GET about organisations, and no change', async (t) => {
  const place = await furnish(muster)
  for (const { operationId, method, path } of await operationsOf(muster)) {
    if (!path.startsWith('/orgs')) continue
    if (method === 'get') t.equal((await send(reader, callOf(operationId, place))).status, 200, operationId)
    else await forbids(t, reader, callOf(operationId, place))
  }
})

t.test('muster:check alone opens nothing of this', async (t) => {
  const place = await furnish(muster)
  for (const { operationId, path } of await operationsOf(muster))
    if (path.startsWith('/orgs') || path.startsWith('/me'))
      await forbids(t, checker, callOf(operationId, place))
})

t.test('muster:write may do what an Admin may in any organisation, and read what it writes', async (t) => {
  const personal = ['leaveOrg', 'transferOrg']
  for (const { operationId, path } of await operationsOf(muster)) {
    if (!path.startsWith('/orgs/{orgId}')) continue
    const place = await furnish(muster)
    if (personal.includes(operationId)) await forbids(t, writer, callOf(operationId, place))
    else t.match((await send(writer, callOf(operationId, place))).status, /^20[014]$/, operationId)
  }
})

t.test('scopes add up, and what is no scope of Muster counts for nothing', async (t) => {
  const { path } = await withOrg(muster)
  t.equal((await muster.service('muster:check muster:read').get(path)).status, 200)
  t.equal((await muster.service('openid muster:write').patch(path, { name: 'Acme' })).status, 200)
  t.equal((await muster.service('muster:read muster:check').patch(path, { name: 'Acme' })).status, 403)
  for (const scope of [
    '',
    'openid',
    'muster:admin',
    'MUSTER:WRITE',
    'muster:write,muster:read',
    'muster:writer',
  ])
    t.equal((await muster.service(scope).get(path)).status, 404, `"${scope}" speaks for a user`)
})

t.test('a token with a scope never speaks for the person in it', async (t) => {
  const { path } = await withOrg(muster)
  const alice = muster.user('alice', { scope: 'muster:check' })
  await forbids(t, alice, { method: 'get', path })
  await forbids(t, alice, { method: 'get', path: '/me' })
  await forbids(t, alice, { method: 'post', path: '/orgs', body: { name: 'Own' } })
})

t.test('a service that may is told what is not there, and one that may not is not', async (t) => {
  for (const path of [`/orgs/${MISSING}`, `/orgs/${MISSING}/members`, `/orgs/${MISSING}/invitations`]) {
    t.match(await reader.get(path), { status: 404, body: { code: 'org_not_found' } })
    await forbids(t, checker, { method: 'get', path })
  }
  t.match(await writer.patch(`/orgs/${MISSING}`, {}), { status: 404, body: { code: 'org_not_found' } })
  await forbids(t, checker, { method: 'patch', path: `/orgs/${MISSING}`, body: {} })
})

t.test('the bell, the answers to invitations and the own profile are for people', async (t) => {
  const place = await furnish(muster)
  for (const operation of ['signIn', 'getMe', 'listOpenInvitations', 'acceptInvitation', 'declineInvitation'])
    for (const caller of [checker, reader, writer]) await forbids(t, caller, callOf(operation, place))
})

async function forbids(t: Test, caller: Caller, call: Call): Promise<void> {
  t.match(
    await send(caller, call),
    { status: 403, body: { code: 'forbidden' } },
    `${call.method} ${call.path}`,
  )
}
