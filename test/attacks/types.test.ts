import t from 'tap'
import { isProblem, isWell, openDoor } from './door.ts'

const door = await openDoor(t)
const { org } = door

t.test('no value of another type is taken for the right one', async (t) => {
  const invitations = `${org}/invitations`
  const resources = `${org}/resources`
  const resourceId = '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e'
  const right = { resourceId, role: 'member' }
  const check = { orgId: resourceId, permission: 'org:read' }
  const wrong: [method: string, path: string, body: object, field: string][] = [
    ...[['Acme'], null, 1, true, {}, ''].map((name): [string, string, object, string] => [
      'POST',
      '/orgs',
      { name },
      '/name',
    ]),
    ['POST', '/orgs', { name: 'x', slug: ['x'] }, '/slug'],
    ['POST', '/orgs', { name: 'x', metadata: '{}' }, '/metadata'],
    ['POST', '/orgs', { name: 'x', metadata: [] }, '/metadata'],
    ['PATCH', org, { memberAccess: ['all'] }, '/memberAccess'],
    ['PATCH', org, { logoUrl: true }, '/logoUrl'],
    ['POST', `${org}/leave`, { confirm: ['Acme'] }, '/confirm'],
    ['POST', invitations, { email: ['a@b.example'] }, '/email'],
    ['POST', invitations, { email: null }, '/email'],
    ['POST', invitations, { role: ['member'] }, '/role'],
    ['POST', invitations, { role: 'ADMIN' }, '/role'],
    ['POST', invitations, { maxUses: '5' }, '/maxUses'],
    ['POST', invitations, { maxUses: 1.5 }, '/maxUses'],
    ['POST', invitations, { maxUses: 1e300 }, '/maxUses'],
    ['POST', invitations, { expiresInDays: true }, '/expiresInDays'],
    ['POST', invitations, { notify: 'false' }, '/notify'],
    ['POST', invitations, { notify: 0 }, '/notify'],
    ['POST', invitations, { allowedEmailDomains: 'example.com' }, '/allowedEmailDomains'],
    ['POST', invitations, { allowedEmailDomains: { 0: 'example.com' } }, '/allowedEmailDomains'],
    ['POST', invitations, { resourceRoles: right }, '/resourceRoles'],
    ['POST', invitations, { resourceRoles: { 0: right } }, '/resourceRoles'],
    [
      'POST',
      invitations,
      { resourceRoles: [{ ...right, resourceId: [resourceId] }] },
      '/resourceRoles/0/resourceId',
    ],
    ['PATCH', `${invitations}/${resourceId}`, { resourceRoles: null }, '/resourceRoles'],
    ['POST', resources, { type: ['a'], name: 'A' }, '/type'],
    ['POST', resources, { type: 'a', name: true }, '/name'],
    ['POST', resources, { type: 'a', name: 'A', parentId: [resourceId] }, '/parentId'],
    ['POST', resources, { type: 'a', name: 'A', parentId: '' }, '/parentId'],
    ['POST', resources, { type: 'a', name: 'A', externalId: 42 }, '/externalId'],
    ['PATCH', `${resources}/${resourceId}`, { parentId: false }, '/parentId'],
    ['PATCH', `${resources}/${resourceId}`, { metadata: '{}' }, '/metadata'],
    ['PUT', `${resources}/${resourceId}/members/bob`, { role: ['member'] }, '/role'],
    ['PUT', `${resources}/${resourceId}/members/bob`, { role: null }, '/role'],
    ['POST', '/access/check', { checks: check }, '/checks'],
    ['POST', '/access/check', { checks: { 0: check } }, '/checks'],
    ['POST', '/access/check', { checks: [{ ...check, permission: ['org:read'] }] }, '/checks/0/permission'],
    ['POST', '/access/check', { checks: [check, { ...check, resourceId: null }] }, '/checks/1/resourceId'],
    ['POST', '/access/check', { checks: [{ ...check, userId: 1 }] }, '/checks/0/userId'],
    ['PUT', `${org}/billing`, { legalName: ['Acme'] }, '/legalName'],
    ['PUT', `${org}/billing`, { address: 'Acme Road 1' }, '/address'],
    ['PUT', `${org}/billing`, { address: { country: ['DE'] } }, '/address/country'],
    ['PUT', `${resources}/${resourceId}/billing`, { notes: 1 }, '/notes'],
    ['POST', '/webhooks', { url: ['https://x.example/'] }, '/url'],
    ['POST', '/webhooks', { url: 'https://x.example/', types: 'org.created' }, '/types'],
    ['POST', '/webhooks', { url: 'https://x.example/', types: [['org.created']] }, '/types/0'],
    ['POST', '/webhooks', { url: 'https://x.example/', description: 1 }, '/description'],
    ['PATCH', `/webhooks/${resourceId}`, { url: null }, '/url'],
    ['PATCH', `/webhooks/${resourceId}`, { types: { 0: 'org.created' } }, '/types'],
    ['PATCH', `/webhooks/${resourceId}`, { status: true }, '/status'],
    ['PUT', `${org}/members/bob`, { role: ['member'] }, '/role'],
    ['PUT', `${org}/members`, { members: { 0: { userId: 'bob', role: 'member' } } }, '/members'],
    ['PUT', `${org}/members`, { members: [{ userId: 1, role: 'member' }] }, '/members/0/userId'],
    ['PUT', '/users/bob', { emailVerified: 'true' }, '/emailVerified'],
  ]
  for (const [method, path, body, field] of wrong) {
    const what = `${method} ${path} ${JSON.stringify(body)}`
    const answer = await door.sendJson(method, path, body)
    const { errors } = isProblem(t, answer, 400, 'invalid_request', what)
    t.ok(
      errors?.some(({ pointer }: { pointer: string }) => pointer === field),
      `${what} names ${field}`,
    )
  }
})

t.test('after all of this the service is well', (t) => isWell(t, door))
