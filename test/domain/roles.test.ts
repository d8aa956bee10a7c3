import t from 'tap'
import { PERMISSIONS, type Permission, ROLES, roleAllows } from '../../src/domain/roles.ts'

const ALL = ['org:read', 'members:read'] as const
const ADMIN = ['org:update', 'org:delete', 'members:manage', 'invitations:manage'] as const

t.test('there are three roles', (t) => {
  t.same(ROLES, ['admin', 'accounting', 'member'])
  t.end()
})

t.test('every member may read the organisation and who is in it', (t) => {
  for (const permission of ALL) for (const role of ROLES) t.ok(roleAllows(role, permission))
  t.end()
})

t.test('only an Admin may change the organisation, its members and its invitations', (t) => {
  for (const permission of ADMIN)
    t.same(
      ROLES.filter((role) => roleAllows(role, permission)),
      ['admin'],
      permission,
    )
  t.end()
})

t.test('no permission is granted that the matrix of the contract does not name', (t) => {
  t.same(Object.keys(PERMISSIONS).sort(), [...ALL, ...ADMIN].sort())
  t.end()
})

t.test('an Admin may do whatever any other role may', (t) => {
  for (const permission of Object.keys(PERMISSIONS) as Permission[])
    t.ok(roleAllows('admin', permission), permission)
  t.end()
})
