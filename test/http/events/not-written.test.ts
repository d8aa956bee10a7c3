import t, { type Test } from 'tap'
import { dump } from '../../support/dump.ts'
import { joinAs, type Reply, startMuster } from '../../support/muster.ts'
import { type Call, callOf, furnish, operationsOf, type Place, send } from '../../support/operations.ts'
import { openLog } from '../../support/recorded.ts'

const muster = await startMuster(t)
const log = await openLog(muster)
const operations = await operationsOf(muster)
const writes = operations.filter(({ method }) => method !== 'get').map(({ operationId }) => operationId)
const [stranger, outsider] = [muster.stranger, muster.user('mallory')]
await outsider.post('/orgs', { name: 'Evil', slug: 'taken' })

const FOR_THE_INVITED = /^(accept|decline)/
const FOR_SERVICES = /Webhook$|^(rotateSecret|sendTestEvent|redeliver|restoreOrg|syncMembers)$|User$|^put/

interface Wanted {
  readonly userId: string
  readonly role: string
}

function rightful(operationId: string, { admin, accounting, invited, service }: Place) {
  if (operationId === 'leaveOrg') return accounting
  if (FOR_THE_INVITED.test(operationId)) return invited
  return FOR_SERVICES.test(operationId) ? service : admin
}

/** Events, the counts of all organisations, and how far the feed is. */
async function written(): Promise<object> {
  const { 'public.events': events, 'public.orgs': orgs, 'public.feed': feed } = await dump(muster.db)
  return { events, orgs, feed }
}

t.test('a call that changes nothing writes none', async (t) => {
  const place = await furnish(muster)
  const { path, admin, invited, service, workspaceId, domainId, invitationId, webhookId } = place
  const revoked = (await admin.post(`${path}/invitations`, {})).body.id
  await admin.post(`${path}/invitations/${revoked}/revoke`)
  const declined = (await admin.post(`${path}/invitations`, { email: 'erin@example.com' })).body.id
  await muster.user('erin').post(`/invitations/${declined}/decline`, {})
  const pending = (await admin.post(`${path}/invitations`, {})).body.id
  await invited.post(`/invitations/${invitationId}/accept`)
  await admin.put('/me')
  const domain = `${path}/resources/${domainId}`
  const { data } = (await service.get(`${path}/members?limit=100`)).body
  const wanted = data.map(({ userId, role }: Wanted) => ({ userId, role }))
  const erin = { userId: 'erin', role: 'member' }
  await service.put(`${path}/members`, { members: [...wanted, erin] })

  const calls: Record<string, () => Promise<Reply>> = {
    'the role somebody has': () => admin.patch(`${path}/members/carl`, { role: 'member' }),
    'the role the only Admin has': () => admin.patch(`${path}/members/alice`, { role: 'admin' }),
    'a role granted already': () =>
      admin.put(`${path}/resources/${workspaceId}/members/carl`, { role: 'member' }),
    'the same by a service': () =>
      service.put(`${path}/resources/${workspaceId}/members/carl`, { role: 'member' }),
    'revoked twice': () => admin.post(`${path}/invitations/${revoked}/revoke`),
    'accepted again': () => invited.post(`/invitations/${invitationId}/accept`),
    'declined again': () => muster.user('erin').post(`/invitations/${declined}/decline`, {}),
    'a live organisation restored': () => service.post(`${path}/restore`),
    'an empty PATCH of the organisation': () => admin.patch(path, {}),
    'an empty PATCH of a resource': () => admin.patch(domain, {}),
    'an empty PATCH of an invitation': () => admin.patch(`${path}/invitations/${pending}`, {}),
    'an empty PATCH of a webhook': () => service.patch(`/webhooks/${webhookId}`, {}),
    'moved to where it is': () => admin.patch(domain, { parentId: workspaceId }),
    'the same, in capitals': () => admin.patch(domain, { parentId: workspaceId.toUpperCase() }),
    'a root moved to the root': () => admin.patch(`${path}/resources/${workspaceId}`, { parentId: null }),
    'signed in again': () => admin.put('/me'),
    'put in as they are': () => service.put(`${path}/members/carl`, { role: 'member', name: 'Carl II' }),
    'wanted as they are': () => service.put(`${path}/members`, { members: [...wanted, erin] }),
    'wanted on a dry run': () => service.put(`${path}/members?dryRun=true`, { members: wanted }),
    'told of again': () => service.put('/users/alice', { name: 'Alice II' }),
    'a check': () =>
      admin.post('/access/check', { checks: [{ orgId: place.orgId, permission: 'org:read' }] }),
  }
  for (const [what, call] of Object.entries(calls)) {
    const before = await written()
    const { status } = await call()
    t.ok(status < 300, `${what}: ${status}`)
    t.same(await written(), before, what)
  }
})

t.test('nobody who may not writes one, with a key or without', async (t) => {
  const place = await furnish(muster)
  const before = await written()
  for (const operationId of writes) {
    if (['createOrg', 'signIn', 'checkAccess'].includes(operationId)) continue
    const call = callOf(operationId, place)
    const callers = [stranger, outsider, muster.service('muster:check'), muster.service('muster:read')]
    if (!/^(leaveOrg|decline|accept)/.test(operationId)) callers.push(place.member, place.invited)
    for (const caller of callers) await refused(t, operationId, before, send(caller, call))
    for (const caller of callers)
      await refused(t, operationId, before, send(caller, call, { 'idempotency-key': 'key' }))
  }
})

t.test('a call that is wrong writes none: an unknown field, a stale version, no body', async (t) => {
  const place = await furnish(muster)
  const before = await written()
  for (const operationId of writes) {
    const call = callOf(operationId, place)
    const caller = rightful(operationId, place)
    const ways: [Call, Record<string, string>][] = [
      [{ ...call, path: `${call.path}${call.path.includes('?') ? '&' : '?'}x=1` }, {}],
    ]
    if (call.body) ways.push([{ ...call, body: { ...call.body, unknown: 1 } }, {}])
    if (
      !/^(create|signIn|checkAccess|invite|restoreOrg|sync|putUser|eraseUser|sendTestEvent|redeliver)/.test(
        operationId,
      )
    )
      ways.push([call, { 'if-match': '"77"' }])
    for (const [way, headers] of ways)
      for (const key of [undefined, `wrong ${operationId}`])
        await refused(t, operationId, before, send(caller, way, { ...headers, ...keyed(key) }))
  }
})

t.test('a call that the state of things refuses writes none', async (t) => {
  const place = await furnish(muster)
  const { path, admin, invited, service, workspaceId, domainId, invitationId } = place
  const { body: used } = await admin.post(`${path}/invitations`, { email: 'erin@example.com' })
  await joinAs(muster, path, 'bob2')
  await muster.user('erin').post(`/invitations/${used.id}/accept`)
  const { body: open } = await admin.post(`${path}/invitations`, {})
  await admin.post(`${path}/invitations/${open.id}/revoke`)
  const invite = (body: object) => ({ method: 'post', path: `${path}/invitations`, body }) as const
  const post = (end: string, body?: object) =>
    ({ method: 'post', path: `${path}${end}`, ...(body && { body }) }) as const
  const patch = (end: string, body: object) => ({ method: 'patch', path: `${path}${end}`, body }) as const
  const calls: [typeof admin, Call, string][] = [
    [admin, patch('/members/alice', { role: 'member' }), 'last_admin'],
    [admin, { method: 'delete', path: `${path}/members/alice` }, 'last_admin'],
    [admin, post('/leave', { confirm: 'Acme' }), 'last_admin'],
    [admin, post('/leave', { confirm: 'acme' }), 'confirmation_mismatch'],
    [admin, { method: 'delete', path: `${path}?confirm=acme` }, 'confirmation_mismatch'],
    [admin, post('/transfer', { toUserId: 'nobody', then: 'leave' }), 'member_not_found'],
    [admin, patch('', { name: 'New', slug: 'taken' }), 'slug_taken'],
    [admin, invite({ email: 'carl@example.com' }), 'already_member'],
    [admin, invite({ email: 'dave@example.com' }), 'already_invited'],
    [admin, invite({ role: 'admin' }), 'role_not_allowed'],
    [admin, post(`/invitations/${used.id}/revoke`), 'invitation_not_pending'],
    [admin, post(`/invitations/${used.id}/resend`), 'invitation_not_pending'],
    [admin, patch(`/invitations/${open.id}`, { role: 'member' }), 'invitation_not_pending'],
    [muster.user('erin'), { method: 'post', path: `/invitations/${used.id}/decline` }, 'invitation_used'],
    [invited, { method: 'post', path: `/invitations/${open.code}/accept` }, 'invitation_revoked'],
    [outsider, { method: 'post', path: `/invitations/${open.code}/decline` }, 'not_addressed'],
    [outsider, { method: 'post', path: `/invitations/${invitationId}/accept` }, 'invitation_not_found'],
    [admin, patch(`/resources/${workspaceId}`, { parentId: domainId, name: 'Round' }), 'resource_cycle'],
    [
      admin,
      { method: 'put', path: `${path}/resources/${domainId}/members/mallory`, body: { role: 'member' } },
      'member_not_found',
    ],
    [admin, { method: 'delete', path: `${path}/resources/${domainId}/members/carl` }, 'grant_not_found'],
    [outsider, { method: 'post', path: '/orgs', body: { name: 'Again', slug: 'taken' } }, 'slug_taken'],
    [service, { method: 'post', path: '/orgs', body: { name: 'Nameless' } }, 'invalid_request'],
    [service, { method: 'post', path: '/webhooks', body: { url: 'http://x.io/' } }, 'invalid_request'],
  ]
  const before = await written()
  for (const [caller, call, code] of calls)
    for (const key of [undefined, 'state'])
      t.equal((await refused(t, code, before, send(caller, call, keyed(key)))).body.code, code)
})

t.test('what is sent again under its key writes none', async (t) => {
  for (const { operationId, method } of operations) {
    if (method !== 'post' || ['checkAccess', 'redeliver'].includes(operationId)) continue
    const place = await furnish(muster)
    if (operationId === 'restoreOrg') await place.admin.delete(`${place.path}?confirm=Acme`)
    const again = () =>
      send(rightful(operationId, place), callOf(operationId, place), { 'idempotency-key': 'once' })
    const look = await log.mark()
    t.ok((await again()).status < 300, operationId)
    t.ok((await look()).length > 0, `${operationId} writes`)
    const before = await written()
    const replay = await again()
    t.equal(replay.headers.get('idempotency-replayed'), 'true', operationId)
    t.same(await written(), before, `${operationId} again writes nothing`)
  }
})

const keyed = (key: string | undefined): Record<string, string> => (key ? { 'idempotency-key': key } : {})

async function refused(t: Test, what: string, before: object, call: Promise<Reply>): Promise<Reply> {
  const reply = await call
  t.ok(reply.status >= 400, `${what}: ${reply.status}`)
  t.same(await written(), before, what)
  return reply
}
