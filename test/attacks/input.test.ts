import t from 'tap'
import { type Door, isProblem, isWell, openDoor } from './door.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const door: Door = await openDoor(t)
const { org } = door
const NOTHING = '01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e'

t.test('a body that is no object is refused', async (t) => {
  for (const body of ['null', '[]', '"text"', '1', 'true', '[{"name":"Acme"}]'])
    isProblem(t, await door.sendJson('POST', '/orgs', body), 400, 'invalid_request', body)
})

t.test('unknown fields are refused, those that every object has included', async (t) => {
  for (const field of ['admin', 'id', 'constructor', 'toString', 'hasOwnProperty', '__defineGetter__', ''])
    isProblem(
      t,
      await door.sendJson('POST', '/orgs', JSON.stringify({ name: 'x', [field]: 1 })),
      400,
      'invalid_request',
      field,
    )
  for (const body of ['{"name":"x","__proto__":{"role":"admin"}}', '{"name":"x","metadata":{"__proto__":1}}'])
    isProblem(t, await door.sendJson('POST', '/orgs', body), 400, 'invalid_request', body)
})

t.test('metadata keeps any other key as it came', async (t) => {
  const metadata = { constructor: { prototype: { admin: true } }, toString: null, 'a/b~c': [1.5, -0.25] }
  const { status, text } = await door.sendJson('POST', '/orgs', { name: 'Keeper', metadata })
  t.equal(status, 201)
  t.same(JSON.parse(text).metadata, metadata)
})

t.test('text that PostgreSQL cannot keep is refused, wherever it stands', async (t) => {
  const bodies = [
    '{"name":"a\\u0000b"}',
    '{"name":"\\ud800"}',
    '{"name":"\\udc00\\ud800"}',
    '{"name":"x","metadata":{"a":"\\u0000"}}',
    '{"name":"x","metadata":{"\\u0000":1}}',
    '{"name":"x","metadata":{"\\udfff":1}}',
    '{"name":"x","metadata":{"a":[{"b":"\\ud83d"}]}}',
    '{"name":"x","metadata":{"a":1e400}}',
    '{"name":"x","metadata":{"a":-1e400}}',
  ]
  for (const body of bodies)
    isProblem(t, await door.sendJson('POST', '/orgs', body), 400, 'invalid_request', body)
  const whole = await door.sendJson(
    'POST',
    '/orgs',
    '{"name":"\\ud83d\\ude00 \\u00e9","metadata":{"a":1e-400}}',
  )
  t.equal(whole.status, 201, 'both halves of a pair are fine, and so is a number too small')
  t.equal(JSON.parse(whole.text).name, '😀 é')
})

t.test('twenty levels are deep enough', async (t) => {
  const nested = (levels: number) => `{"name":"x","metadata":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`
  t.equal((await door.sendJson('POST', '/orgs', nested(19))).status, 201, '20 with the body itself')
  isProblem(t, await door.sendJson('POST', '/orgs', nested(20)), 400, 'invalid_request', '21')
  isProblem(t, await door.sendJson('POST', '/orgs', nested(10_000)), 400, 'invalid_request', '10,000')
  isProblem(
    t,
    await door.sendJson('POST', '/orgs', '['.repeat(60_000)),
    400,
    'malformed_json',
    'open brackets',
  )
})

t.test('what is not JSON in UTF-8 is malformed', async (t) => {
  const bodies: [string, Buffer | string][] = [
    ['truncated', '{"name":"Acme"'],
    ['two values', '{"name":"a"}{"name":"b"}'],
    ['a trailing comma', '{"name":"a",}'],
    ['single quotes', "{'name':'a'}"],
    ['a comment', '{"name":"a"/**/}'],
    ['NaN', '{"name":NaN}'],
    ['a raw control character', '{"name":"a\nb"}'],
    ['a raw NUL', '{"name":"a\0b"}'],
    ['white space alone', ' \n '],
    ['a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('{"name":"a"}')])],
    [
      'invalid UTF-8',
      Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
    ],
    [
      'an overlong slash',
      Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
    ],
    [
      'a surrogate in UTF-8',
      Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
    ],
    ['UTF-16', Buffer.from('{"name":"a"}', 'utf16le')],
    ['form fields', 'name=Acme'],
    ['XML', '<name>Acme</name>'],
  ]
  for (const [what, body] of bodies)
    isProblem(t, await door.send('POST', '/orgs', { headers: JSON_TYPE, body }), 400, 'malformed_json', what)
})

t.test('no body, where one is needed, is told field by field', async (t) => {
  for (const headers of [{}, JSON_TYPE]) {
    const answer = await door.send('POST', '/orgs', { headers })
    const { errors } = isProblem(t, answer, 400, 'invalid_request', `with ${Object.keys(headers)}`)
    t.same(errors, [{ pointer: '/name', detail: 'is missing' }])
  }
})

t.test('only application/json in UTF-8 is read', async (t) => {
  const body = '{"name":"Typed"}'
  const refused = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/merge-patch+json',
    'application/json-seq',
    'application/json; charset=utf-16',
    'application/json; charset=iso-8859-1',
    'application/jsonx',
    'json',
    '*/*',
    'application/json, text/plain',
    'application/json\ta',
  ]
  for (const type of refused) {
    const answer = await door.send('POST', '/orgs', { headers: { 'content-type': type }, body })
    isProblem(t, answer, 415, 'unsupported_media_type', type)
  }
  isProblem(t, await door.send('POST', '/orgs', { body }), 415, 'unsupported_media_type', 'no type')
  for (const type of [
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'APPLICATION/JSON',
  ]) {
    const answer = await door.send('POST', '/orgs', { headers: { 'content-type': type }, body })
    t.equal(answer.status, 201, type)
  }
})

t.test('a compressed body is not read', async (t) => {
  const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' }
  const answer = await door.send('POST', '/orgs', { headers, body: '{"name":"Packed"}' })
  isProblem(t, answer, 415, 'unsupported_media_type', 'gzip')
})

t.test('64 KiB are enough for a body, and 4 MiB for a batch', async (t) => {
  const filled = (json: (filling: string) => string, size: number) => json('x'.repeat(size - json('').length))
  const one = (filling: string) => `{"name":"Big","metadata":{"a":"${filling}"}}`
  const many = (filling: string) => `{"invitations":[{"metadata":{"a":"${filling}"}}]}`
  const KIB = 1024
  const sent: [string, (filling: string) => string, number, number][] = [
    ['/orgs', one, 64 * KIB, 201],
    ['/orgs', one, 64 * KIB + 1, 413],
    [`${org}/invitations`, (x) => `{"metadata":{"a":"${x}"}}`, 64 * KIB + 1, 413],
    [`${org}/invitations/batch`, many, 4096 * KIB, 200],
    [`${org}/invitations/batch`, many, 4096 * KIB + 1, 413],
    [`${org}/restore`, (x) => `{"a":"${x}"}`, 64 * KIB + 1, 413],
    [`${org}/resources`, (x) => `{"type":"a","name":"A","metadata":{"a":"${x}"}}`, 64 * KIB, 201],
    [`${org}/resources`, (x) => `{"type":"a","name":"A","metadata":{"a":"${x}"}}`, 64 * KIB + 1, 413],
    ['/access/check', (x) => `{"checks":[{"a":"${x}"}]}`, 64 * KIB + 1, 413],
  ]
  for (const [path, json, size, status] of sent) {
    const answer = await door.sendJson('POST', path, filled(json, size))
    if (status === 413) isProblem(t, answer, 413, 'payload_too_large', `${path} with ${size}`)
    else t.equal(answer.status, status, `${path} with ${size}`)
  }
})

t.test('a route without a body takes none', async (t) => {
  const routes = [
    ['PUT', '/me'],
    ['DELETE', `${org}/members/bob`],
    ['DELETE', `${org}?confirm=Acme`],
    ['DELETE', `${org}/resources/${NOTHING}`],
    ['DELETE', `${org}/resources/${NOTHING}/members/bob`],
    ['POST', `${org}/restore`],
    ['POST', '/invitations/7K3M-Q2ZV-8RTN-4XWD-H5PA-9CJE/accept'],
  ] as const
  for (const [method, path] of routes)
    for (const body of ['{"role":"admin"}', '[]', 'null', '0', '""'])
      isProblem(
        t,
        await door.sendJson(method, path, body),
        400,
        'invalid_request',
        `${method} ${path} ${body}`,
      )
  t.equal(
    (await door.sendJson('PUT', '/me', '{}')).status,
    201,
    'an empty object says nothing, and may be said',
  )
  t.equal(
    (await door.sendJson('GET', '/me', '{"a":1}')).status,
    200,
    'the body of a GET has no meaning (RFC 9110)',
  )
})

t.test('headers that Muster reads are checked like fields', async (t) => {
  const post = (headers: Record<string, string>) =>
    door.send('POST', '/orgs', { headers: { ...JSON_TYPE, ...headers }, body: '{"name":"Once"}' })
  isProblem(t, await post({ 'idempotency-key': '' }), 400, 'invalid_request', 'an empty key')
  isProblem(t, await post({ 'idempotency-key': 'x'.repeat(256) }), 400, 'invalid_request', '256 characters')
  isProblem(t, await post({ 'idempotency-key': 'clé' }), 400, 'invalid_request', 'not printable ASCII')
  isProblem(t, await post({ 'idempotency-key': 'a\tb' }), 400, 'invalid_request', 'a tab')
  t.equal((await post({ 'idempotency-key': 'x'.repeat(255) })).status, 201, '255 characters are fine')

  for (const tag of ['"0"', 'W/"1"', '1', '""', 'abc', '"1', '"99999999999999999999"', ','])
    isProblem(
      t,
      await door.send('PATCH', org, { headers: { ...JSON_TYPE, 'if-match': tag }, body: '{"name":"Acme"}' }),
      412,
      'version_mismatch',
      `If-Match: ${tag}`,
    )
})

t.test('after all of this the service is well', (t) => isWell(t, door))
