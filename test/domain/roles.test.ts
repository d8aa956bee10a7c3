import t from 'tap'
import { ORG_PERMISSIONS, RESOURCE_PERMISSIONS, ROLES, roleAllows } from '../../src/domain/roles.ts'

const EVERYBODY = ['admin', 'accounting', 'member']
const ACCOUNTING = ['admin', 'accounting']
const ADMIN = ['admin']

t.test('there are three roles, the strongest first', async (t) => {
  t.same(ROLES, EVERYBODY)
})

t.test('the matrix for an organisation is that of the contract', async (t) => {
  t.same(ORG_PERMISSIONS, {
    'org:read': EVERYBODY,
    'members:read': EVERYBODY,
    'org:update': ADMIN,
    'org:delete': ADMIN,
    'members:manage': ADMIN,
    'invitations:manage': ADMIN,
    'events:read': ADMIN,
    'billing:read': ACCOUNTING,
    'billing:update': ACCOUNTING,
    'resources:create': ADMIN,
  })
})

t.test('the matrix for a resource is that of the contract', async (t) => {
  t.same(RESOURCE_PERMISSIONS, {
    'resource:read': EVERYBODY,
    'resource:update': ADMIN,
    'resource:delete': ADMIN,
    'resource:grant': ADMIN,
    'resource:create': ADMIN,
    'billing:read': ACCOUNTING,
    'billing:update': ACCOUNTING,
  })
})

t.test('a role may whatever a weaker one may, so that of several only the strongest counts', async (t) => {
  for (const table of [ORG_PERMISSIONS, RESOURCE_PERMISSIONS])
    for (const [permission, roles] of Object.entries(table))
      t.same(roles, ROLES.slice(0, roles.length), permission)
})

t.test('a role allows what the matrix says, and nothing else', async (t) => {
  t.ok(roleAllows('accounting', 'billing:update'))
  t.notOk(roleAllows('member', 'billing:read'))
  t.notOk(roleAllows('accounting', 'resource:update'))
})
