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
  for (const path of ['/orgs', `${org}/members`, `${org}/invitations`, '/invitations'])
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
    isProblem(t, await get(`/orgs/${encodeURI(id)}`), 400, 'invalid_request', id)
  isProblem(t, await get(`/orgs/${NOBODY}`), 404, 'org_not_found', 'one of nobody')
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

t.test('what is not a route is not found, in whatever way it is written', async (t) => {
  const paths = ['/', '//', '/ORGS', '//orgs', '/orgs//me', '/./orgs', '/orgs/../me', '/orgs;x=1', '/orgs%2F']
  const files = ['/docs/static/..%2f..%2fpackage.json', '/docs/nothing', '/.env']
  for (const path of [...paths, ...files, '/openapi.json/', '/favicon.ico', '/%2e%2e/orgs'])
    isProblem(t, await get(path), 404, 'route_not_found', path)
})

t.test('a method that a path does not have is not found', async (t) => {
  for (const method of ['POST', 'PATCH', 'DELETE', 'TRACE', 'OPTIONS'])
    isProblem(t, await door.send(method, '/me'), 404, 'route_not_found', method)
  for (const method of ['PROPFIND', 'PURGE', 'SEARCH', 'M-SEARCH'])
    isProblem(t, await door.send(method, '/me'), 404, 'route_not_found', method)
  isProblem(
    t,
    await door.send('QUERY', '/me'),
    400,
    'malformed_request',
    'QUERY without a content type (RFC 10008)',
  )
})

t.test('HEAD answers what GET would, without the body', async (t) => {
  for (const [path, status] of [
    ['/me', 200],
    [org, 200],
    [`/orgs/${NOBODY}`, 404],
    ['/nothing', 404],
    ['/orgs?x=1', 400],
  ] as const) {
    const answer = await door.send('HEAD', path)
    t.match(answer, { status, text: '' }, path)
  }
})

t.test('no header makes a request another one', async (t) => {
  const overrides = {
    'x-http-method-override': 'DELETE',
    'x-http-method': 'DELETE',
    'x-method-override': 'DELETE',
    'x-original-url': '/readyz',
    'x-rewrite-url': '/readyz',
    'x-forwarded-prefix': '/admin',
  }
  const { status, text } = await door.send('GET', org, { headers: overrides })
  t.equal(status, 200)
  t.equal(JSON.parse(text).name, 'Acme')
  t.equal((await door.send('GET', `${org}`)).status, 200, 'it was not deleted')
})

t.test('the pages for people refuse in the same way', async (t) => {
  const ask = (header: string) =>
    door.sendBytes(
      `GET /docs/static/swagger-ui.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${header}\r\n\r\n`,
    )
  isProblem(t, await ask('Range: bytes=999999999-'), 400, 'malformed_request', 'a range beyond the end')
  isProblem(
    t,
    await get('/docs/static/../../package.json'),
    400,
    'malformed_request',
    'a way out of the folder',
  )
  isProblem(t, await ask('If-Match: "x"'), 400, 'malformed_request', 'a condition that does not hold')
})

t.test('after all of this the service is well', (t) => isWell(t, door))
