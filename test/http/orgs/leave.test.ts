import t from 'tap'
import { dump } from '../../support/dump.ts'
import { joinAs, startMuster } from '../../support/muster.ts'
import { furnish } from '../../support/operations.ts'

const muster = await startMuster(t)

t.test('a member leaves with the name confirmed, and is out with the answer', async (t) => {
  const { admin, member, path, orgId } = await furnish(muster)
  t.match(await member.post(`${path}/leave`, { confirm: 'Acme' }), { status: 204, body: '' })
  t.match(await member.get(path), { status: 404, body: { code: 'org_not_found' } })
  t.notMatch(JSON.stringify((await member.get('/me')).body), orgId)
  t.match(await admin.get(`${path}/members/bob`), { status: 404, body: { code: 'member_not_found' } })
  t.match(await member.post(`${path}/leave`, { confirm: 'Acme' }), { status: 404 })
})

t.test('a wrong name leaves nothing', async (t) => {
  const { member, path } = await furnish(muster)
  const before = await dump(muster.db)
  for (const confirm of ['', 'acme', 'Acme ', 'bob'])
    t.match(await member.post(`${path}/leave`, { confirm }), {
      status: 422,
      body: { code: 'confirmation_mismatch' },
    })
  for (const body of [
    undefined,
    {},
    { confirm: true },
    { confirm: ['Acme'] },
    { confirm: 'Acme', force: true },
  ])
    t.match(await member.post(`${path}/leave`, body), { status: 400, body: { code: 'invalid_request' } })
  t.same(await dump(muster.db), before)
})

t.test('the only Admin cannot leave, and an Admin beside another can', async (t) => {
  const { admin, path } = await furnish(muster)
  t.match(await admin.post(`${path}/leave`, { confirm: 'Acme' }), {
    status: 409,
    body: { code: 'last_admin' },
  })
  await admin.patch(`${path}/members/bob`, { role: 'admin' })
  t.equal((await admin.post(`${path}/leave`, { confirm: 'Acme' })).status, 204)
})

t.test('who has left can come back by a new invitation', async (t) => {
  const { member, path } = await furnish(muster)
  await member.post(`${path}/leave`, { confirm: 'Acme' })
  await joinAs(muster, path, 'bob', 'accounting')
  t.equal((await member.get(path)).body.role, 'accounting')
})

t.test('an organisation is handed over in one step', async (t) => {
  for (const then of ['member', 'accounting'] as const) {
    const { admin, member, path } = await furnish(muster)
    const { status, body } = await admin.post(`${path}/transfer`, { toUserId: 'bob', then })
    t.equal(status, 200)
    t.match(body, { userId: 'bob', name: 'Bob', role: 'admin', version: 2 })
    t.equal((await member.get(path)).body.role, 'admin')
    t.equal((await admin.get(path)).body.role, then)
  }
})

t.test('who hands over may leave in the same step', async (t) => {
  const { admin, member, path } = await furnish(muster)
  t.equal((await admin.post(`${path}/transfer`, { toUserId: 'bob', then: 'leave' })).status, 200)
  t.equal((await admin.get(path)).status, 404)
  t.equal((await member.get(path)).body.role, 'admin')
})

t.test('an organisation can be handed to somebody who is Admin already', async (t) => {
  const { admin, path } = await furnish(muster)
  await admin.patch(`${path}/members/bob`, { role: 'admin' })
  const { status, body } = await admin.post(`${path}/transfer`, { toUserId: 'bob', then: 'leave' })
  t.equal(status, 200)
  t.match(body, { userId: 'bob', role: 'admin', version: 2 })
})

t.test('a handing over that cannot be leaves everything as it was', async (t) => {
  const { admin, member, accounting, service, path } = await furnish(muster)
  const before = await dump(muster.db)
  const transfer = `${path}/transfer`
  for (const toUserId of ['nobody', 'dave', 'BOB'])
    t.match(await admin.post(transfer, { toUserId, then: 'leave' }), {
      status: 404,
      body: { code: 'member_not_found' },
    })
  for (const then of ['member', 'accounting', 'leave'])
    t.match(await admin.post(transfer, { toUserId: 'alice', then }), {
      status: 400,
      body: { code: 'invalid_request', errors: [{ pointer: '/toUserId' }] },
    })
  for (const body of [{}, { toUserId: 'bob' }, { then: 'leave' }, { toUserId: 'bob', then: 'admin' }])
    t.match(await admin.post(transfer, body), { status: 400, body: { code: 'invalid_request' } })
  for (const caller of [member, accounting, service])
    t.match(await caller.post(transfer, { toUserId: 'carl', then: 'leave' }), {
      status: 403,
      body: { code: 'forbidden' },
    })
  t.same(await dump(muster.db), before)
})
