import { once } from 'node:events'
import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import t from 'tap'
import { claims, token } from '../../support/keys.ts'
import { type Muster, startMuster, withOrg } from '../../support/muster.ts'

const muster = await startMuster(t)
const { alice, path } = await withOrg(muster)
const MISSING = '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e'
const invite = (draft: unknown) => alice.post(`${path}/invitations`, draft)

t.test('each field is refused at its place when it is not what the contract says', async (t) => {
  const wrong: [string, object][] = [
    ['/email', { email: null }],
    ['/email', { email: ['bob@example.com'] }],
    ['/email', { email: '' }],
    ['/role', { role: 'owner' }],
    ['/role', { role: null }],
    ['/expiresInDays', { expiresInDays: 0 }],
    ['/expiresInDays', { expiresInDays: 31 }],
    ['/expiresInDays', { expiresInDays: 1.5 }],
    ['/expiresInDays', { expiresInDays: '7' }],
    ['/maxUses', { maxUses: 0 }],
    ['/maxUses', { maxUses: 1001 }],
    ['/maxUses', { maxUses: '5' }],
    ['/allowedEmailDomains', { allowedEmailDomains: 'example.com' }],
    ['/allowedEmailDomains', { allowedEmailDomains: Array(21).fill('example.com') }],
    ['/allowedEmailDomains/1', { allowedEmailDomains: ['example.com', '@example.com'] }],
    ['/allowedEmailDomains/0', { allowedEmailDomains: ['*.example.com'] }],
    ['/allowedEmailDomains/0', { allowedEmailDomains: ['localhost'] }],
    ['/notify', { notify: 'false' }],
    ['/metadata', { metadata: [] }],
    ['/metadata', { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, key) => [key, 1])) }],
    ['/resourceRoles', { resourceRoles: {} }],
    ['/resourceRoles', { resourceRoles: Array(51).fill({ resourceId: MISSING, role: 'member' }) }],
    ['/resourceRoles/0/role', { resourceRoles: [{ resourceId: MISSING, role: 'owner' }] }],
    ['/resourceRoles/0/role', { resourceRoles: [{ resourceId: MISSING }] }],
    ['/resourceRoles/0/resourceId', { resourceRoles: [{ resourceId: 'ws-42', role: 'member' }] }],
    ['/resourceRoles/0/until', { resourceRoles: [{ resourceId: MISSING, role: 'member', until: 1 }] }],
    [
      '/resourceRoles/1/resourceId',
      { resourceRoles: Array(2).fill({ resourceId: MISSING, role: 'member' }) },
    ],
    ['/code', { code: '7K3M-Q2ZV-8RTN-4XWD-H5PA-9CJE' }],
    ['/status', { status: 'accepted' }],
    ['/invitedBy', { invitedBy: { userId: 'eve' } }],
  ]
  for (const [pointer, draft] of wrong) {
    const refused = await invite(draft)
    t.match(refused, { status: 400, body: { code: 'invalid_request' } }, JSON.stringify(draft))
    t.match(refused.body.errors, [{ pointer }], JSON.stringify(draft))
  }
})

t.test('an address that Muster does not take is refused at its place', async (t) => {
  for (const email of [
    'bob',
    'bob@localhost',
    'bob@127.0.0.1',
    '"bob"@example.com',
    'boo\u212A@example.com',
    'bob@example.com\r\nBcc: eve@example.com',
    'bob@example.com, eve@example.com',
    'Bob <bob@example.com>',
    'bob@exa%6Dple.com',
  ])
    t.match(await invite({ email }), {
      status: 400,
      body: { code: 'invalid_request', errors: [{ pointer: '/email' }] },
    })
  t.match(await invite({ email: 'bob\0@example.com' }), { status: 400, body: { code: 'invalid_request' } })
})

t.test('several uses and allowed domains are for open codes, not for an address', async (t) => {
  const email = 'bob@example.com'
  t.match(await invite({ email, maxUses: 2 }), { status: 400, body: { errors: [{ pointer: '/maxUses' }] } })
  t.match(await invite({ email, allowedEmailDomains: ['example.com'] }), {
    status: 400,
    body: { errors: [{ pointer: '/allowedEmailDomains' }] },
  })
})

t.test('a message is up to 500 characters on any number of lines, without controls', async (t) => {
  for (const message of ['', 'Hello\nBob\r\n\tWelcome', '<b>&"quoted"', 'ü'.repeat(500), '😀'.repeat(500)]) {
    const { status, body } = await invite({ message })
    t.equal(status, 201)
    t.equal(body.message, message)
  }
  for (const message of [
    'x'.repeat(501),
    '😀'.repeat(501),
    'bell\u0007',
    'escape\u001B[31m',
    'turned\u202Eround',
    'nul\0',
  ])
    t.match(await invite({ message }), {
      status: 400,
      body: { code: 'invalid_request', errors: [{ pointer: '/message' }] },
    })
})

t.test('the largest values that are allowed are kept as they came', async (t) => {
  const metadata = { nested: { list: [1, 'two', null, { deep: true }] }, empty: {} }
  const { status, body } = await invite({ expiresInDays: 30, maxUses: 1000, metadata })
  t.equal(status, 201)
  t.equal(Date.parse(body.expiresAt) - Date.parse(body.createdAt), 30 * 24 * 60 * 60 * 1000)
  t.same(body.metadata, metadata)
})

t.test('allowed domains are kept in their one spelling, each once', async (t) => {
  const { status, body } = await invite({
    allowedEmailDomains: ['Example.COM', 'example.com', 'Bücher.example', 'xn--bcher-kva.example'],
  })
  t.equal(status, 201)
  t.same(body.allowedEmailDomains, ['example.com', 'xn--bcher-kva.example'])
})

t.test('nothing about how a request is addressed shapes the link', async (t) => {
  const proxied = await startMuster(t, { TRUST_PROXY: 'true' })
  const { path } = await withOrg(proxied)
  const headers = {
    authorization: `Bearer ${tokenFor(proxied, 'alice')}`,
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'http',
    'x-forwarded-prefix': '/evil',
    'x-original-url': '/evil',
    forwarded: 'host=evil.example;proto=http',
    origin: 'https://evil.example',
    referer: 'https://evil.example/join',
  }
  // The second is the absolute form of RFC 9112, 3.2.2.
  for (const target of [`${path}/invitations`, `http://evil.example${path}/invitations`]) {
    const sent = request(proxied.url, { method: 'POST', path: target, headers }).end()
    const [response] = await once(sent, 'response')
    const { code, acceptUrl } = (await json(response)) as Record<string, string>
    t.equal(acceptUrl, `https://app.example.com/join#code=${code}`)
  }
})

t.test('a refused invitation leaves no trace: no row, no mail, no count', async (t) => {
  await invite({ email: 'carol@example.com' })
  const before = await everything()
  for (const [code, draft] of [
    ['already_invited', { email: 'Carol@example.com' }],
    ['already_member', { email: 'alice@example.com' }],
    ['role_not_allowed', { role: 'admin' }],
    ['invalid_request', { email: 'nobody' }],
    ['invalid_request', { email: 'dave@example.com', maxUses: 7 }],
  ] as const)
    t.equal((await invite(draft)).body.code, code)
  t.same(await everything(), before)
})

async function everything(): Promise<object> {
  const tables = [
    'invitations',
    'invitation_codes',
    'sendings',
    'members',
    'orgs',
    'users',
    'graphile_worker.jobs',
  ]
  const { rows } = await muster.db.pool.query(
    tables.map((table) => `select '${table}', to_jsonb(row) from ${table} row`).join(' union all '),
  )
  return rows.map((row) => JSON.stringify(row)).sort()
}

function tokenFor({ config: { jwt } }: Muster, sub: string): string {
  return token(jwt.kind === 'secret' ? jwt.secret : '', { alg: 'HS256', typ: 'JWT' }, claims({ sub }))
}
