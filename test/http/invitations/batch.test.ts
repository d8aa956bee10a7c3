import t from 'tap'
import { joinAs, startMuster, withOrg } from '../../support/muster.ts'

type Result = { status: number; invitation?: { email: string; code?: string }; problem?: { code: string } }

const muster = await startMuster(t)
const guests = (count: number) =>
  Array.from({ length: count }, (_, number) => ({ email: `guest${number}@example.com` }))
const statuses = (body: { results: Result[] }) => body.results.map(({ status }) => status)

t.test('a batch invites up to a hundred at once, and answers in the order it was asked', async (t) => {
  const { alice, path } = await withOrg(muster)
  // Neither the order of the addresses nor its reverse.
  const invitations = guests(100).map((_, number) => ({ email: `guest${(number * 37) % 100}@example.com` }))
  const { status, body } = await alice.post(`${path}/invitations/batch`, { invitations })
  t.equal(status, 200)
  t.same(
    body.results.map(({ invitation }: Result) => invitation?.email),
    invitations.map(({ email }) => email),
  )
  t.same(new Set(statuses(body)), new Set([201]))
  t.equal((await alice.get(`${path}/invitations?limit=100`)).body.data.length, 100)
})

t.test('each succeeds or fails by itself, with what the call for it alone would have answered', async (t) => {
  const { alice, path } = await withOrg(muster)
  await joinAs(muster, path, 'bob')
  await alice.post(`${path}/invitations`, { email: 'carol@example.com' })
  const { status, body } = await alice.post(`${path}/invitations/batch`, {
    invitations: [
      {
        email: 'zoe@example.com',
        role: 'admin',
        expiresInDays: 30,
        message: 'Hi',
        metadata: { team: 'blue' },
      },
      { email: 'Bob@Example.com' },
      { email: 'CAROL@example.com' },
      { email: 'nobody' },
      { role: 'admin' },
      { email: 'dave@example.com', maxUses: 3 },
      { email: 'erin@example.com', notify: false },
      { maxUses: 3, allowedEmailDomains: ['example.com'] },
    ],
  })
  t.equal(status, 200)
  t.match(body.results, [
    {
      status: 201,
      invitation: {
        email: 'zoe@example.com',
        role: 'admin',
        message: 'Hi',
        delivery: 'queued',
        metadata: { team: 'blue' },
      },
    },
    { status: 409, problem: { status: 409, code: 'already_member' } },
    { status: 409, problem: { status: 409, code: 'already_invited' } },
    { status: 400, problem: { code: 'invalid_request', errors: [{ pointer: '/email' }] } },
    { status: 422, problem: { code: 'role_not_allowed', errors: [{ pointer: '/role' }] } },
    { status: 400, problem: { code: 'invalid_request', errors: [{ pointer: '/maxUses' }] } },
    { status: 201, invitation: { email: 'erin@example.com', delivery: 'none' } },
    { status: 201, invitation: { email: null, maxUses: 3, allowedEmailDomains: ['example.com'] } },
  ])
  t.same(
    body.results.map(({ invitation, problem }: Result) => [invitation === undefined, problem === undefined]),
    statuses(body).map((each) => [each !== 201, each === 201]),
  )
  t.same(
    body.results.map(({ invitation }: Result) => invitation?.code !== undefined),
    [false, false, false, false, false, false, true, true],
    'the secrets of those that no mail carries, and no others',
  )
  t.equal((await alice.get(`${path}/invitations?status=pending`)).body.data.length, 4)
})

t.test('of one address many times in a batch, in any spelling, the first is invited', async (t) => {
  const { alice, path } = await withOrg(muster)
  const invitations = guests(99).map((_, number) =>
    number % 3 === 0
      ? { email: number % 2 ? 'BOB@bücher.example' : 'bob@XN--bcher-kva.example', message: `${number}` }
      : { email: `guest${number}@example.com` },
  )
  const { body } = await alice.post(`${path}/invitations/batch`, { invitations })
  t.same(
    statuses(body),
    invitations.map((_, number) => (number % 3 === 0 && number > 0 ? 409 : 201)),
  )
  t.match(body.results[0], { invitation: { email: 'bob@xn--bcher-kva.example', message: '0' } })
  t.match(body.results[3], { problem: { code: 'already_invited' } })
})

t.test('the codes of a batch work, each for its own invitation', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { body } = await alice.post(`${path}/invitations/batch`, {
    invitations: [
      { email: 'bob@example.com', notify: false, role: 'accounting' },
      { email: 'carol@example.com', notify: false },
    ],
  })
  const [bobs, carols] = body.results.map(({ invitation }: Result) => invitation?.code)
  t.equal((await muster.user('carol').post(`/invitations/${bobs}/accept`)).body.code, 'email_mismatch')
  t.match(await muster.user('bob').post(`/invitations/${bobs}/accept`), {
    status: 201,
    body: { role: 'accounting' },
  })
  t.match(await muster.user('carol').post(`/invitations/${carols}/accept`), {
    status: 201,
    body: { role: 'member' },
  })
})

t.test('a malformed invitation fails by itself, and says where', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { status, body } = await alice.post(`${path}/invitations/batch`, {
    invitations: [
      { email: 'bob@example.com', role: 'owner' },
      { email: 'ann@example.com' },
      { email: 'bob@example.com', resourceIds: [], role: 'owner' },
      'eve@example.com',
      { email: 'bob@example.com', message: 'x'.repeat(501) },
      { email: 'zoe@example.com' },
      { email: null },
    ],
  })
  t.equal(status, 200)
  const at = (...pointers: string[]) => ({
    status: 400,
    problem: { code: 'invalid_request', status: 400, errors: pointers.map((pointer) => ({ pointer })) },
  })
  t.match(body.results, [
    at('/role'),
    { status: 201, invitation: { email: 'ann@example.com' } },
    at('/resourceIds', '/role'),
    at(''),
    at('/message'),
    { status: 201, invitation: { email: 'zoe@example.com' } },
    at('/email'),
  ])
  t.match((await alice.get(`${path}/invitations`)).body.data, { length: 2 })
})

t.test('a batch that is no list of 1 to 100 is refused whole', async (t) => {
  const { alice, path } = await withOrg(muster)
  for (const body of [
    {},
    { invitations: [] },
    { invitations: guests(101) },
    { invitations: guests(1), dryRun: true },
  ])
    t.equal((await alice.post(`${path}/invitations/batch`, body)).status, 400)
  t.same((await alice.get(`${path}/invitations`)).body.data, [])
})

t.test('a batch may be larger than other bodies, up to 4 MiB', async (t) => {
  const { alice, path } = await withOrg(muster)
  const large = (bytes: number) => ({ email: 'bob@example.com', metadata: { note: 'x'.repeat(bytes) } })
  const send = (bytes: number) => alice.post(`${path}/invitations/batch`, { invitations: [large(bytes)] })
  t.match(await alice.post(`${path}/invitations`, large(65 * 1024)), {
    status: 413,
    body: { code: 'payload_too_large' },
  })
  t.match(await send(4 * 1024 * 1024), { status: 413, body: { code: 'payload_too_large' } })
  t.same(statuses((await send(1024 * 1024)).body), [201])
})

t.test(
  'a batch sent again with its Idempotency-Key invites nobody twice, and says the codes again',
  async (t) => {
    const { alice, path } = await withOrg(muster)
    const body = { invitations: [{ email: 'bob@example.com', notify: false }, { email: 'nobody' }, {}] }
    const key = { 'idempotency-key': 'the whole team' }
    const first = await alice.post(`${path}/invitations/batch`, body, key)
    t.same(statuses(first.body), [201, 400, 201])
    const again = await alice.post(`${path}/invitations/batch`, body, key)
    t.equal(again.headers.get('idempotency-replayed'), 'true')
    t.same(again.body, first.body)
    t.equal((await alice.get(`${path}/invitations`)).body.data.length, 2)
  },
)

t.test('two batches with the same addresses in opposite order both end', async (t) => {
  const { alice, path } = await withOrg(muster)
  const { path: elsewhere } = await withOrg(muster, 'Globex')
  const invitations = guests(40)
  const backend = muster.service('muster:write')
  const [one, other] = await Promise.all([
    alice.post(`${path}/invitations/batch`, { invitations }),
    backend.post(`${elsewhere}/invitations/batch`, { invitations: invitations.toReversed() }),
  ])
  t.equal(one.status, 200)
  t.equal(other.status, 200)
})

t.test('a limit that is reached within a batch lets through what is below it', async (t) => {
  const limited = await startMuster(t, { LIMIT_INVITATIONS_PER_TEN_MINUTES: '3' })
  const { alice, path } = await withOrg(limited)
  const { body } = await alice.post(`${path}/invitations/batch`, { invitations: guests(5) })
  t.same(statuses(body), [201, 201, 201, 429, 429])
  t.match(body.results[4].problem, { code: 'rate_limited', status: 429 })
  t.equal((await alice.get(`${path}/invitations`)).body.data.length, 3)
})
