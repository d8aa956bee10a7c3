import t, { type Test } from 'tap'
import { invoiceInformation } from '../../src/domain/billing/billing.ts'
import { DomainError } from '../../src/domain/errors.ts'

// Of companies that publish theirs, or made up in the form that the country's register gives out.
const REAL_LOOKING: Record<string, readonly string[]> = {
  AT: ['ATU33864707'],
  BE: ['BE0403019261', 'BE1000123456'],
  BG: ['BG175074752', 'BG7523169263'],
  CY: ['CY10259033P', 'CY60001744K'],
  CZ: ['CZ45274649', 'CZ510310055', 'CZ7103192745'],
  DE: ['DE136695976'],
  DK: ['DK13585628'],
  EE: ['EE100366327'],
  EL: ['EL094259216'],
  ES: ['ESA28015865', 'ESB58378431', 'ESN8261290D', 'ES54362315K', 'ESX2482300W'],
  FI: ['FI20774740'],
  FR: ['FR40303265045', 'FRK7399859412', 'FRXX999999999'],
  HR: ['HR33392005961'],
  HU: ['HU12892312'],
  IE: ['IE6388047V', 'IE3206488LH', 'IE8O47531K', 'IE8Z49289F', 'IE7+12345A', 'IE7*12345A'],
  IT: ['IT00743110157'],
  LT: ['LT119511515', 'LT100001919017'],
  LU: ['LU15027442'],
  LV: ['LV40003009497'],
  MT: ['MT11679112'],
  NL: ['NL822667800B01', 'NL002198178B09'],
  PL: ['PL8567346215'],
  PT: ['PT501964843'],
  RO: ['RO18547290', 'RO24'],
  SE: ['SE556012579001'],
  SI: ['SI50223054'],
  SK: ['SK2022749619'],
  XI: ['XI123456789', 'XI123456789001', 'XIGD001', 'XIHA599'],
}

// What somebody has who slips: a digit too few or too many, a letter where there is none, another country's form.
const OUT_OF_SHAPE: Record<string, readonly string[]> = {
  AT: ['AT33864707'],
  BE: ['BE403019261', 'BE2403019261'],
  CY: ['CY102590334'],
  DE: ['DE036695976', 'DE1366959760'],
  EL: ['EL94259216'],
  ES: ['ES28015865', 'ESA2801586'],
  FR: ['FR303265045', 'FR40303265045|||AA303265045'],
  IE: ['IE7)12345A'],
  LT: ['LT1195115151'],
  NL: ['NL822667800', 'NL822667800C01'],
  SE: ['SE5560125790', 'SE556012579012'],
  XI: ['XI12345678', 'XIGB123456789'],
}

t.test('a number of each member state, and of Northern Ireland, is taken as its register gives it', (t) => {
  t.equal(Object.keys(REAL_LOOKING).length, 28)
  for (const vatId of Object.values(REAL_LOOKING).flat()) t.equal(invoiceInformation({ vatId }).vatId, vatId)
  t.end()
})

t.test('check digits are none of our business', (t) => {
  for (const vatId of ['DE136695977', 'PL8567346216', 'ATU33864708']) t.ok(invoiceInformation({ vatId }))
  t.end()
})

t.test('a number of the European Union that does not have its country’s form is refused', (t) => {
  for (const [prefix, numbers] of Object.entries(REAL_LOOKING))
    for (const vatId of [
      prefix,
      ...(OUT_OF_SHAPE[prefix] ?? []),
      ...numbers.flatMap((number) => [number + '0'.repeat(12), `${number}Ä`, `${number}/`]),
    ])
      refuses(t, { vatId }, '/vatId')
  t.end()
})

t.test('a number is the same however it is spelled', (t) => {
  for (const spelled of ['de 136.695-976', ' DE136695976 ', 'De1 3669 5976', 'DE\u00a0136\u202f695976'])
    t.equal(invoiceInformation({ vatId: spelled }).vatId, 'DE136695976', spelled)
  t.equal(invoiceInformation({ vatId: 'che-123.456.789 mwst' }).vatId, 'CHE123456789MWST')
  t.end()
})

t.test('what only folds to ASCII, or what the library would drop, does not get in', (t) => {
  const folding =
    'D\u0415136695976 \ufb0120774740 \u017fE556012579001 l\u0131 ＤＥ136695976 １２３４５６７８９'
  const dropped = 'DE/136695976 DE136695976/ GB/123456789 CH|E123456789'
  for (const vatId of `${folding} ${dropped}`.split(' ')) refuses(t, { vatId }, '/vatId')
  t.end()
})

t.test('Greece writes EL', (t) => {
  t.match(refuses(t, { vatId: 'GR094259216', address: { country: 'GR' } }, '/vatId'), /begins with EL/)
  t.match(invoiceInformation({ vatId: 'EL094259216', address: { country: 'GR' } }), { vatId: 'EL094259216' })
  t.end()
})

t.test('a number from elsewhere is taken as it is, 4 to 20 letters and digits', (t) => {
  const numbers = 'CHE123456789 GB123456789 US123456789 NO998041538MVA EU372000041 1234 27AAPFU0939F1ZV'
  for (const vatId of [...numbers.split(' '), 'A'.repeat(20)])
    t.equal(invoiceInformation({ vatId }).vatId, vatId)
  for (const vatId of ['', ' ', '.-.', 'CHE', 'GB1', 'G'.repeat(21), 'CHE123456789*', 'GB+123456789'])
    refuses(t, { vatId }, '/vatId')
  t.end()
})

t.test('with an address in the European Union a number without a prefix is refused, and told how', (t) => {
  for (const [country, vatId] of [
    ['DE', '136695976'],
    ['GR', '094259216'],
    ['NL', '822667800B01'],
    ['AT', 'U33864707'],
    ['ES', 'A28015865'],
    ['IE', '3206488LH'],
  ] as const)
    t.match(refuses(t, { vatId, address: { country } }, '/vatId'), /begins with two letters/)
  for (const country of ['US', 'CH', 'GB', null])
    t.match(invoiceInformation({ vatId: '136695976', address: { country } }), { vatId: '136695976' })
  t.end()
})

t.test('a number of one country may go with an address in another', (t) => {
  t.ok(invoiceInformation({ vatId: 'DE136695976', address: { country: 'CH' } }))
  t.ok(invoiceInformation({ vatId: 'CHE123456789', address: { country: 'DE' } }))
  t.end()
})

t.test('a country is one of the 249 codes of ISO 3166-1, in upper case', (t) => {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  const taken = letters
    .flatMap((first) => letters.map((second) => first + second))
    .filter((country) => !refusalOf({ address: { country } }))
  t.equal(taken.length, 249)
  for (const country of ['DE', 'GR', 'GB', 'US', 'SS', 'CW', 'TL', 'AX']) t.ok(taken.includes(country))
  for (const country of [
    'EL',
    'UK',
    'EU',
    'XI',
    'XK',
    'AN',
    'SU',
    'ZZ',
    'de',
    'De',
    'DEU',
    'D',
    '',
    ' DE',
    '276',
  ])
    refuses(t, { address: { country } }, '/address/country')
  t.end()
})

t.test('an e-mail address is kept in its one spelling', (t) => {
  t.equal(invoiceInformation({ email: 'Rechnung@BÜCHER.example' }).email, 'rechnung@xn--bcher-kva.example')
  for (const email of ['', 'invoices', 'a@b', 'a@example.com, b@example.com', 'x\u212a@example.com'])
    refuses(t, { email }, '/email')
  t.end()
})

t.test('what is not given is empty', (t) => {
  const empty = { legalName: null, email: null, vatId: null, address: null, purchaseOrder: null, notes: null }
  t.same(invoiceInformation({}), empty)
  t.same(invoiceInformation(empty), empty)
  t.same(invoiceInformation({ address: { city: 'Bonn' } }).address, {
    line1: null,
    line2: null,
    postalCode: null,
    city: 'Bonn',
    region: null,
    country: null,
  })
  t.end()
})

type Input = Parameters<typeof invoiceInformation>[0]

function refusalOf(input: Input): DomainError | undefined {
  try {
    invoiceInformation(input)
    return undefined
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
}

/** The sentence: it names the place, and does not say the value again. */
function refuses(t: Test, input: Input, pointer: string): string {
  const refusal = refusalOf(input)
  t.match(refusal, { code: 'invalid_request', refusal: { pointer } }, JSON.stringify(input))
  const value = input.vatId ?? input.email ?? ''
  if (value.length > 3) t.notOk(refusal?.message.includes(value))
  return refusal?.message ?? ''
}
