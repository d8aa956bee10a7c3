import { Type } from '@sinclair/typebox'
import { Email, line, lines, nullable, strict, Timestamp } from '../contract/fields.ts'

const EXAMPLE = {
  legalName: 'Acme GmbH',
  email: 'invoices@example.com',
  vatId: 'DE136695976',
  address: {
    line1: 'Unter den Linden 1',
    line2: null,
    postalCode: '10117',
    city: 'Berlin',
    region: null,
    country: 'DE',
  },
  purchaseOrder: 'PO-2026-11',
  notes: null,
}

const address = {
  line1: nullable(line(200)),
  line2: nullable(line(200)),
  postalCode: nullable(line(20)),
  city: nullable(line(100)),
  region: nullable(line(100)),
  country: nullable(
    Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2.', examples: ['DE'] }),
  ),
}

const fields = {
  legalName: nullable(line(200, { examples: ['Acme GmbH'] })),
  email: nullable({ ...Email, examples: ['invoices@example.com'] }),
  vatId: nullable(
    line(40, {
      description:
        'With its country prefix. One of the European Union (also XI) must have the form of its country; others are taken as they are. Kept in upper case, without spaces, dots and hyphens.',
      examples: ['DE136695976'],
    }),
  ),
  purchaseOrder: nullable(line(100, { examples: ['PO-2026-11'] })),
  notes: nullable(lines(2000)),
}

export const Billing = Type.Object(
  {
    ...fields,
    address: nullable(Type.Object(address)),
    version: Type.Integer({
      minimum: 0,
      description:
        'Also the `ETag`. 0: never filled in; `If-Match: "0"` is for who wants to be the first to do so.',
    }),
    updatedAt: nullable(Timestamp),
  },
  {
    $id: 'Billing',
    description: 'Invoice information.',
    examples: [{ ...EXAMPLE, version: 1, updatedAt: '2026-01-31T09:30:00.000Z' }],
  },
)

export const SetBilling = Type.Partial(
  Type.Object({ ...fields, address: nullable(Type.Partial(Type.Object(address), strict)) }),
  // A missing body reads as an empty one. It must not erase what is stored.
  { $id: 'SetBilling', ...strict, minProperties: 1, examples: [EXAMPLE] },
)
