import t from 'tap'
import { type Door, isProblem, isWell, openDoor } from './door.ts'

const NOBODY = '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e'
const door: Door = await openDoor(t)
const { org } = door
const get = (path: string) => door.send('GET', path)

t.test('an unknown query parameter is refused on every kind of route', async (t) => {
  const unknown: [string, string][] = [
    ['GET', '/orgs?page=2'],
    ['GET', '/orgs?Limit=5'],
    ['GET', '/orgs?limit[]=5'],
    ['GET', '/orgs?__proto__=1'],
    ['GET', '/orgs?constructor=1'],
    ['GET', '/orgs?=1'],
    ['GET', `${org}/members?email=bob@example.com`],
    ['GET', '/me?verbose'],
    ['PUT', '/me?force=true'],
    ['GET', `${org}?include=members`],
    ['POST', `${org}/restore?deep=1`],
    ['DELETE', `${org}?confirm=Acme&force=true`],
    ['GET', `${org}/resources?name=Design`],
    ['GET', `${org}/resources?parentid=${NOBODY}`],
    ['POST', `${org}/resources?parentId=${NOBODY}`],
    ['DELETE', `${org}/resources/${NOBODY}?confirm=Design`],
    ['GET', `${org}/resources/${NOBODY}/members?role=admin`],
    ['PUT', `${org}/resources/${NOBODY}/members/bob?role=admin`],
    ['GET', `${org}/members/alice/access?permission=org:read`],
    ['POST', '/access/check?userId=bob'],
    ['GET', `${org}/billing?fields=vatId`],
    ['GET', '/roles?role=admin'],
    ['GET', `${org}/events?subject=bob`],
    ['GET', `${org}/events?From=2026-01-31T00:00:00Z`],
    ['GET', '/events?type=org.created'],
    ['GET', '/events?after=0'],
    ['GET', '/webhooks?status=enabled'],
    ['POST', '/webhooks?notify=false'],
    ['GET', `/webhooks/${NOBODY}/deliveries?types=org.created`],
    ['POST', `/webhooks/${NOBODY}/deliveries/${NOBODY}/redeliver?now=1`],
    ['GET', '/livez?x=1'],
  ]
  for (const [method, path] of unknown)
    isProblem(t, await door.send(method, path), 400, 'invalid_request', `${method} ${path}`)
  t.equal((await get('/orgs?')).status, 200, 'an empty query is none')
})

t.test('a query parameter is given once, in its own form', async (t) => {
  const limits = [
    '',
    '0',
    '101',
    '-1',
    '1.5',
    '1e1',
    '0x10',
    ' 5',
    '5 ',
    '+5',
    '٥',
    '9'.repeat(400),
    'NaN',
    'null',
  ]
  for (const limit of limits) {
    const path = `/orgs?limit=${encodeURIComponent(limit)}`
    const { errors } = isProblem(t, await get(path), 400, 'invalid_request', path)
    t.equal(errors?.[0]?.parameter, 'limit')
  }
  for (const query of ['limit=5&limit=6', 'cursor=a&cursor=b', 'limit[0]=5'])
    isProblem(t, await get(`/orgs?${query}`), 400, 'invalid_request', query)
  for (const query of ['role=admin&role=member', 'role=Admin', 'role=', 'q=', `q=${'x'.repeat(101)}`])
    isProblem(t, await get(`${org}/members?${query}`), 400, 'invalid_request', query)
  for (const query of [
    'type=',
    'type=A',
    'type=a&type=b',
    'parentId=',
    'parentId=null',
    'parentId=x',
    'externalId=',
  ])
    isProblem(t, await get(`${org}/resources?${query}`), 400, 'invalid_request', query)
  for (const query of [
    'type=',
    'type=org',
    'actor=',
    'from=',
    'to=now',
    'from=2026-01-31',
    'actor=a&actor=b',
  ])
    isProblem(t, await get(`${org}/events?${query}`), 400, 'invalid_request', query)
})

t.test('a cursor that nobody was given is refused', async (t) => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const cursors = [
    '',
    'x'.repeat(1025),
    'x',
    '%00'.replace('%00', 'AA'),
    '..%2F..',
    encode(null),
    encode([]),
    encode([null, NOBODY]),
    encode(['', NOBODY]),
    encode({ 0: '', 1: NOBODY, length: 2 }),
    encode(['0123456789abcdef', "' or 1=1 --"]),
  ]
  const inOrg = ['members', 'invitations', 'resources', 'members/alice/access'].map(
    (list) => `${org}/${list}`,
  )
  for (const path of ['/orgs', '/invitations', ...inOrg])
    for (const cursor of cursors)
      isProblem(t, await get(`${path}?cursor=${cursor}`), 400, 'invalid_cursor', `${path} ${cursor}`)
})

t.test('a percent sign that encodes nothing is a malformed URL', async (t) => {
  const paths = ['/orgs/%', '/orgs/%zz', '/orgs/%E0%A4%A', '/orgs/%c0%af', '/orgs/%ED%A0%80', '/%']
  const queries = ['/orgs?cursor=%', '/orgs?%zz=1', '/orgs?cursor=%ff', '/orgs?cursor=a?%zz', '/orgs#%zz']
  for (const path of [...paths, ...queries, `${org}/members/%C3%28`, '/docs/%', '/docs/static/%zz'])
    isProblem(t, await get(path), 400, 'malformed_url', path)
})

t.test('NUL is refused in a path and in a query', async (t) => {
  const paths = [
    `${org}/members/a%00b`,
    '/invitations/%00',
    '/orgs/%00',
    `${org}/members?q=%00`,
    '/orgs?cursor=%00',
  ]
  for (const path of [...paths, '/orgs?%00=1', `${org}?confirm=%00`])
    isProblem(t, await get(path), 400, 'invalid_request', path)
})

t.test('an id is a UUID in its one form, in upper or lower case', async (t) => {
  const bare = NOBODY.replaceAll('-', '')
  for (const id of [
    '1',
    'me',
    `urn:uuid:${NOBODY}`,
    `{${NOBODY}}`,
    bare,
    `${NOBODY}0`,
    ` ${NOBODY}`,
    `${NOBODY}%0A`,
  ])
    for (const path of ['/orgs', `${org}/resources`])
      isProblem(t, await get(`${path}/${encodeURI(id)}`), 400, 'invalid_request', id)
  isProblem(t, await get(`/orgs/${NOBODY}`), 404, 'org_not_found', 'one of nobody')
  isProblem(t, await get(`${org}/resources/${NOBODY}`), 404, 'resource_not_found', 'one of nothing')
  t.equal((await get(org.toUpperCase().replace('/ORGS', '/orgs'))).status, 200, 'upper case')
})

t.test('a user id may be anything an identity provider makes up', async (t) => {
  const fine = [
    'a'.repeat(255),
    '😀'.repeat(255),
    'auth0|64f1',
    'a/b',
    '../..',
    'a b',
    '%',
    '?#',
    'é',
    "'; --",
    '.',
    ' ',
    'a\u202eb',
    'null',
  ]
  for (const id of fine) {
    const answer = await get(`${org}/members/${encodeURIComponent(id)}`)
    isProblem(t, answer, 404, 'member_not_found', id.slice(0, 20))
    const access = await get(`${org}/members/${encodeURIComponent(id)}/access`)
    isProblem(t, access, 404, 'member_not_found', `access of ${id.slice(0, 20)}`)
  }
  for (const id of ['a'.repeat(256), '😀'.repeat(256), '\n', 'a\tb', '\u007f', '\u0085'])
    isProblem(
      t,
      await get(`${org}/members/${encodeURIComponent(id)}`),
      400,
      'invalid_request',
      JSON.stringify(id).slice(0, 20),
    )
  const answer = await get(`${org}/members/${'a'.repeat(5_000)}`)
  isProblem(t, answer, 400, 'malformed_url', 'longer than anything')
})

t.test('a code may be anything that somebody types', async (t) => {
  for (const code of [
    'x',
    'é',
    "' or 1=1",
    '%25',
    '../me',
    '7K3M-Q2ZV-8RTN-4XWD-H5PA-9CJE',
    '0'.repeat(100),
    NOBODY,
  ]) {
    const path = `/invitations/${encodeURIComponent(code)}`
    const { instance } = isProblem(t, await get(path), 404, 'invitation_not_found', code)
    t.equal(instance, code === NOBODY ? path : '/invitations/{code}', 'and is not said again')
  }
  isProblem(
    t,
    await get(`/invitations/${'0'.repeat(101)}`),
    404,
    'invitation_not_found',
    'too long for a code',
  )
})

t.test('after all of this the service is well', (t) => isWell(t, door))
