import t from 'tap'
import { startMuster, withOrg } from '../../support/muster.ts'
import { grow } from '../../support/tree.ts'

const muster = await startMuster(t)

const EMPTY = { legalName: null, email: null, vatId: null, address: null, purchaseOrder: null, notes: null }
const ADDRESS = {
  line1: 'Unter den Linden 1',
  line2: '2. OG',
  postalCode: '10117',
  city: 'Berlin',
  region: 'Berlin',
  country: 'DE',
}
const FULL = {
  legalName: "Ünïcödé & Söhne <b>; drop table billing -- O'Brien",
  email: 'invoices@example.com',
  vatId: 'DE136695976',
  address: ADDRESS,
  purchaseOrder: 'PO-2026-11',
  notes: 'Two lines\nof 株式会社 🦀\tand a tab',
}

/** An organisation's place and a resource's: what holds for one holds for the other. */
async function places() {
  const { alice, path } = await withOrg(muster)
  const resourceId = await grow(alice, path, 'Design')
  return { alice, billings: [`${path}/billing`, `${path}/resources/${resourceId}/billing`] }
}

t.test('before anybody fills it in, everything is null', async (t) => {
  const { alice, billings } = await places()
  for (const billing of billings) {
    const { status, body, headers } = await alice.get(billing)
    t.equal(status, 200)
    t.same(body, { ...EMPTY, version: 0, updatedAt: null })
    t.equal(headers.get('etag'), '"0"')
  }
})

t.test('what is answered is what is read, and can be put back', async (t) => {
  const { alice, billings } = await places()
  for (const billing of billings) {
    const put = await alice.put(billing, FULL)
    t.match(put, { status: 200, body: { ...FULL, version: 1 } })
    t.equal(put.headers.get('etag'), '"1"')
    const { version, updatedAt, ...fields } = (await alice.get(billing)).body
    t.same({ ...fields, version, updatedAt }, put.body)
    t.match(updatedAt, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    t.match((await alice.put(billing, fields, { 'if-match': '"1"' })).body, { ...FULL, version: 2 })
  }
})

t.test('each field may be the only one, and all others are empty afterwards', async (t) => {
  const { alice, billings } = await places()
  const single = [
    ...Object.entries(FULL).map(([field, value]) => ({ [field]: value })),
    ...Object.entries(ADDRESS).map(([field, value]) => ({ address: { [field]: value } })),
  ]
  const nowhere = Object.fromEntries(Object.keys(ADDRESS).map((field) => [field, null]))
  for (const billing of billings)
    for (const one of single) {
      await alice.put(billing, FULL)
      const { body } = await alice.put(billing, one)
      const address =
        'address' in one && typeof one.address === 'object' ? { ...nowhere, ...one.address } : null
      const { version, updatedAt, ...fields } = body
      t.same(fields, { ...EMPTY, ...one, address }, JSON.stringify(one))
      t.same((await alice.get(billing)).body, body, 'and that is what is read')
    }
})

t.test('an empty form is one that was filled in with nothing', async (t) => {
  const { alice, billings } = await places()
  for (const billing of billings) {
    t.match((await alice.put(billing, { notes: null })).body, { ...EMPTY, version: 1 })
    await alice.put(billing, FULL)
    t.match((await alice.put(billing, EMPTY)).body, { ...EMPTY, version: 3 })
    t.match((await alice.get(billing)).body, { ...EMPTY, version: 3 })
  }
})

t.test('an address and a VAT number are kept in their one spelling', async (t) => {
  const { alice, billings } = await places()
  for (const billing of billings) {
    const spelled = { email: 'Invoices@BÜCHER.Example', vatId: ' atu 338.64-707 ' }
    await alice.put(billing, spelled)
    t.match((await alice.get(billing)).body, {
      email: 'invoices@xn--bcher-kva.example',
      vatId: 'ATU33864707',
    })
  }
})

const NO_LINE = ['', ' ', 'a\nb', 'a\u0000', '\ud800', 'a\u202eb', 1, true, ['a'], { a: 1 }]
const WRONG: Record<string, readonly unknown[]> = {
  legalName: [...NO_LINE, 'x'.repeat(201)],
  email: [
    ...NO_LINE,
    'invoices',
    'a@b',
    'a@example.com, b@example.com',
    'a@example.com\r\nBcc: b@example.com',
  ],
  vatId: [...NO_LINE, 'DE12345', 'GR094259216', 'DE/136695976', 'ABC', `GB${'1'.repeat(40)}`],
  purchaseOrder: [...NO_LINE, 'x'.repeat(101)],
  notes: ['a\u0000', '\ud800', 'a\u202eb', 1, ['a'], 'x'.repeat(2001)],
  address: ['Berlin', 1, [], [ADDRESS]],
  'address/line1': [...NO_LINE, 'x'.repeat(201)],
  'address/line2': [...NO_LINE, 'x'.repeat(201)],
  'address/postalCode': [...NO_LINE, 'x'.repeat(21)],
  'address/city': [...NO_LINE, 'x'.repeat(101)],
  'address/region': [...NO_LINE, 'x'.repeat(101)],
  'address/country': [...NO_LINE, 'de', 'DEU', 'EL', 'UK', 'XK', 'ZZ', 'Germany'],
}

t.test('what does not fit a field is refused, and the field is named', async (t) => {
  const { alice, billings } = await places()
  for (const billing of billings) {
    await alice.put(billing, FULL)
    for (const [field, values] of Object.entries(WRONG))
      for (const value of values) {
        const [name = '', part] = field.split('/')
        const body = { ...FULL, [name]: part ? { ...ADDRESS, [part]: value } : value }
        const reply = await alice.put(billing, body)
        const what = `${field}: ${JSON.stringify(value)}`
        t.match(reply, { status: 400, body: { code: 'invalid_request' } }, what)
        t.ok(reply.body.errors[0].pointer.startsWith(`/${field}`), what)
        if (typeof value === 'string' && value.length > 2)
          t.notOk(JSON.stringify(reply.body).includes(value), `${what} is not said again`)
      }
    t.match((await alice.get(billing)).body, { ...FULL, version: 1 })
  }
})

t.test('unknown fields are refused by name, also those that Muster itself sets', async (t) => {
  const { alice, billings } = await places()
  for (const billing of billings) {
    for (const field of ['version', 'updatedAt', 'orgId', 'resourceId', 'taxId', 'LegalName']) {
      const { status, body } = await alice.put(billing, { [field]: null })
      t.equal(status, 400, field)
      t.same(body.errors, [{ pointer: `/${field}`, detail: 'is not a known field' }])
    }
    const { body } = await alice.put(billing, { address: { ...ADDRESS, zip: '1' } })
    t.same(body.errors, [{ pointer: '/address/zip', detail: 'is not a known field' }])
    for (const nothing of [null, [], 'Acme']) t.equal((await alice.put(billing, nothing)).status, 400)
    t.equal((await alice.get(`${billing}?fields=email`)).status, 400)
    t.equal((await alice.get(billing)).body.version, 0)
  }
})

t.test('the longest that fits is kept to the letter', async (t) => {
  const { alice, billings } = await places()
  const longest = {
    legalName: '🦀'.repeat(200),
    purchaseOrder: 'ü'.repeat(100),
    notes: '\n'.repeat(2000),
    address: { ...ADDRESS, line1: ' é'.repeat(100), postalCode: '9'.repeat(20), city: '株'.repeat(100) },
  }
  for (const billing of billings) {
    t.equal((await alice.put(billing, longest)).status, 200)
    t.match((await alice.get(billing)).body, longest)
  }
})

t.test('of two who fill in the empty form at the same time, If-Match: "0" lets one', async (t) => {
  const { alice, billings } = await places()
  for (const billing of billings) {
    const put = (legalName: string) => alice.put(billing, { legalName }, { 'if-match': '"0"' })
    const replies = await Promise.all(['One', 'Two', 'Three', 'Four'].map(put))
    t.same(replies.map(({ status }) => status).sort(), [200, 412, 412, 412])
    const won = replies.find(({ status }) => status === 200)
    t.same((await alice.get(billing)).body, won?.body)
    t.match(await put('Late'), { status: 412, body: { code: 'version_mismatch' } })
    t.equal((await alice.put(billing, { notes: null }, { 'if-match': '"1"' })).headers.get('etag'), '"2"')
  }
})

t.test('without a condition the last one counts, and each one is counted', async (t) => {
  const { alice, billings } = await places()
  for (const billing of billings) {
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, n) => alice.put(billing, { notes: `${n}` })),
    )
    t.same(
      replies.map(({ body }) => body.version).sort((a, b) => a - b),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    )
    const last = replies.find(({ body }) => body.version === 10)
    t.same((await alice.get(billing)).body, last?.body)
  }
})
