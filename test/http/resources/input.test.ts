import t from 'tap'
import { dump } from '../../support/dump.ts'
import { startMuster } from '../../support/muster.ts'
import { plant } from '../../support/tree.ts'

const muster = await startMuster(t)

const NOWHERE = '01980f3b-1a2b-7c3d-8e4f-5a6b7c8d9e0f'

t.test('what it is to lie in is a resource of the same organisation', async (t) => {
  const { admin, path, service } = await plant(muster)
  const elsewhere = await plant(muster)
  const before = await dump(muster.db)
  for (const caller of [admin, service])
    for (const parentId of [NOWHERE, elsewhere.design, elsewhere.orgId])
      t.match(await caller.post(`${path}/resources`, { type: 'project', name: 'New', parentId }), {
        status: 404,
        body: { code: 'resource_not_found', errors: [{ pointer: '/parentId' }] },
      })
  t.same(await dump(muster.db), before)
})

t.test('fields of a wrong form are refused by name, and nothing is created', async (t) => {
  const { admin, path, design, at } = await plant(muster)
  const before = await dump(muster.db)
  const wrong: [string, unknown[]][] = [
    ['type', ['', 'Work', 'a b', '-a', 'a-', '_', 'ü', 'a/b', 'x'.repeat(51), null, 1, ['a']]],
    ['name', ['', ' ', 'a\nb', 'a\u202eb', '\u0000', 'x'.repeat(201), null, 1, {}]],
    ['parentId', ['', 'root', 1, false, `${design} `]],
    ['externalId', ['', ' ', 'a\nb', 'x'.repeat(256), 1]],
    ['metadata', [null, [], 'x', 1]],
    ['id', [NOWHERE]],
    ['path', [[]]],
    ['role', ['admin']],
    ['version', [1]],
  ]
  for (const [field, values] of wrong)
    for (const value of values) {
      const refused = { status: 400, body: { code: 'invalid_request', errors: [{ pointer: `/${field}` }] } }
      const sent = { type: 'project', name: 'New', [field]: value }
      t.match(await admin.post(`${path}/resources`, sent), refused, `${field}: ${value}`)
      t.match(await admin.patch(at(design), { [field]: value }), refused, `${field}: ${value}`)
    }
  for (const body of [{}, { type: 'project' }, { name: 'New' }, [], 'project', undefined])
    t.match(await admin.post(`${path}/resources`, body), { status: 400, body: { code: 'invalid_request' } })
  t.match(await admin.patch(at(design), { type: 'project' }), {
    status: 400,
    body: { errors: [{ pointer: '/type' }] },
  })
  t.same(await dump(muster.db), before)
})

t.test('an externalId is one resource’s in an organisation, until that is gone or has another', async (t) => {
  const { admin, path, design, site, at } = await plant(muster)
  const elsewhere = await plant(muster)
  const taken = { status: 409, body: { code: 'external_id_taken', errors: [{ pointer: '/externalId' }] } }
  const make = (externalId: string) => admin.post(`${path}/resources`, { type: 'a', name: 'A', externalId })
  const { body: first } = await make('ws-42')
  t.equal((await elsewhere.admin.patch(elsewhere.at(elsewhere.shop), { externalId: 'ws-42' })).status, 200)

  const before = await dump(muster.db)
  t.match(await make('ws-42'), taken)
  t.match(await admin.patch(at(design), { name: 'Other', externalId: 'ws-42' }), taken)
  t.match(await admin.patch(at(site), { parentId: null, externalId: 'ws-42' }), taken)
  t.same(await dump(muster.db), before)

  t.equal((await admin.patch(at(first.id), { externalId: 'ws-42' })).status, 200, 'its own it may keep')
  t.equal((await make('WS-42')).status, 201, 'another case is another name')
  t.match((await admin.patch(at(first.id), { externalId: null })).body, { externalId: null })
  const { body: second } = await make('ws-42')
  t.equal((await admin.delete(at(second.id))).status, 204)
  t.equal((await make('ws-42')).status, 201)
})
