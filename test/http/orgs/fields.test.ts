import t from 'tap'
import { startMuster, withOrg } from '../../support/muster.ts'

const muster = await startMuster(t)

const FIELDS: Record<string, readonly unknown[]> = {
  name: [
    '',
    ' ',
    'a\nb',
    'x'.repeat(101),
    1,
    true,
    null,
    ['Acme'],
    { a: 1 },
    'a\u0000',
    '\ud800',
    'a\u202eb',
  ],
  slug: ['', 'Acme', 'a b', '-a', 'a-', 'ü', 'a/b', 'x'.repeat(64), 1, ['acme']],
  metadata: [1, 'x', null, [], { a: 'b\u0000' }, { a: { '\ud800': 1 } }],
}

t.test('what does not fit a field is refused, and the field is named', async (t) => {
  const { alice, path } = await withOrg(muster)
  const wrong: [string, unknown][] = [
    ...Object.entries(FIELDS).flatMap(([field, values]) =>
      values.map((value): [string, unknown] => [field, value]),
    ),
    ...['http://example.com/a.png', 'ftp://a', 'javascript:alert(1)', 'https://', 'https://a b', '', 1].map(
      (value): [string, unknown] => ['logoUrl', value],
    ),
    ...['none', 'ALL', null, 1].map((value): [string, unknown] => ['memberAccess', value]),
  ]
  for (const [field, value] of wrong) {
    const { status, body } = await alice.patch(path, { [field]: value })
    t.equal(status, 400, `${field}: ${JSON.stringify(value)}`)
    t.equal(body.code, 'invalid_request')
    t.match(body.errors[0].pointer, new RegExp(`^/${field}`), `${field} is named`)
  }
  t.equal((await alice.get(path)).body.version, 1)
})

t.test('a new organisation is held to the same', async (t) => {
  for (const [field, values] of Object.entries(FIELDS))
    for (const value of values) {
      const { status, body } = await muster.user('alice').post('/orgs', { name: 'Acme', [field]: value })
      t.equal(status, 400, `${field}: ${JSON.stringify(value)}`)
      t.match(body.errors[0].pointer, new RegExp(`^/${field}`))
    }
  const { status, body } = await muster.user('alice').post('/orgs', {})
  t.equal(status, 400)
  t.match(body.errors, [{ pointer: '/name', detail: 'is missing' }])
})

t.test('unknown fields are refused by name, also those that Muster itself sets', async (t) => {
  const { alice, path } = await withOrg(muster)
  for (const field of ['id', 'version', 'createdAt', 'deletedAt', 'role', 'externalId', 'Name', 'a/b~c']) {
    const { status, body } = await alice.patch(path, { name: 'New', [field]: 'x' })
    t.equal(status, 400, field)
    const pointer = `/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`
    t.same(body.errors, [{ pointer, detail: 'is not a known field' }])
  }
  t.equal((await alice.get(path)).body.name, 'Acme')
})

t.test('names are kept to the letter, in every script', async (t) => {
  const { alice, path } = await withOrg(muster)
  for (const name of [
    'Ünïcödé & Söhne <b>',
    '株式会社',
    'نقابة',
    "O'Brien; drop table orgs",
    '🦀'.repeat(100),
    '%20+',
  ])
    t.equal((await alice.patch(path, { name })).body.name, name)
})

t.test('metadata comes back as it was given', async (t) => {
  const { alice, path } = await withOrg(muster)
  const metadata = { a: { b: [1, 2.5, -0.1, 1e21, true, null, 'ü'] }, '💡': '', constructor: 'x', 'a.b': {} }
  t.same((await alice.patch(path, { metadata })).body.metadata, metadata)
  t.same((await alice.get(path)).body.metadata, metadata)
})

t.test('metadata has at most fifty keys, of 1 to 100 characters', async (t) => {
  const { alice, path } = await withOrg(muster)
  const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`key${n}`, n]))
  t.equal((await alice.patch(path, { metadata: keys(50) })).status, 200)
  t.equal((await alice.patch(path, { metadata: { ['k'.repeat(100)]: 1 } })).status, 200)
  for (const metadata of [keys(51), { '': 1 }, { ['k'.repeat(101)]: 1 }])
    t.match(await alice.patch(path, { metadata }), { status: 400, body: { code: 'invalid_request' } })
})
