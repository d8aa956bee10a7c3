import { type Country, checkVAT, countries } from 'jsvat-next'
import iso3166 from 'validator/lib/isISO31661Alpha2.js'
import { invalid } from '../errors.ts'
import { canonicalEmail } from '../users/email.ts'

/** The facts about the payer that an invoice needs. Of the members, only Admins and Accounting may see them. */
export interface InvoiceInformation {
  readonly legalName: string | null
  readonly email: string | null
  /** Upper case, without spaces, dots and hyphens. */
  readonly vatId: string | null
  readonly address: Address | null
  readonly purchaseOrder: string | null
  readonly notes: string | null
}

export interface Address {
  readonly line1: string | null
  readonly line2: string | null
  readonly postalCode: string | null
  readonly city: string | null
  readonly region: string | null
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null
}

/** Invoice information as it is stored. Version 0 and no time mean that it has not been filled in yet. */
export interface Billing extends InvoiceInformation {
  readonly version: number
  readonly updatedAt: Date | null
}

export const NEVER_FILLED_IN: Billing = {
  legalName: null,
  email: null,
  vatId: null,
  address: null,
  purchaseOrder: null,
  notes: null,
  version: 0,
  updatedAt: null,
}

export type BillingInput = {
  readonly [K in Exclude<keyof InvoiceInformation, 'address'>]?: InvoiceInformation[K]
} & { readonly address?: Partial<Address> | null }

/**
 * Builds the whole information: a field that is not given becomes empty. @throws invalid_request, without the value.
 */
export function invoiceInformation(input: BillingInput): InvoiceInformation {
  const address = input.address ? addressOf(input.address) : null
  return {
    legalName: input.legalName ?? null,
    email: emailOf(input.email ?? null),
    vatId: vatIdOf(input.vatId ?? null, address?.country ?? null),
    address,
    purchaseOrder: input.purchaseOrder ?? null,
    notes: input.notes ?? null,
  }
}

function addressOf(input: Partial<Address>): Address {
  const { line1 = null, line2 = null, postalCode = null, city = null, region = null, country = null } = input
  if (country !== null && !(country === country.toUpperCase() && iso3166.default(country)))
    throw invalid('/address/country', 'This is not a country code of ISO 3166-1 alpha-2, such as DE.')
  return { line1, line2, postalCode, city, region, country }
}

function emailOf(text: string | null): string | null {
  const email = text === null ? null : canonicalEmail(text)
  if (text !== null && email === null)
    throw invalid('/email', 'This is not an e-mail address that Muster takes.')
  return email
}

/**
 * Checks the form of a number from a member state of the EU or Northern Ireland (Council Directive 2006/112/EC, article
 * 215: the prefix is part of the number). Leaves check digits to VIES, which also knows whether a number is in use.
 * Accepts numbers from elsewhere as they are.
 */
function vatIdOf(text: string | null, country: string | null): string | null {
  if (text === null) return null
  const bare = text.replace(/[\s.-]/g, '')
  // The check comes before upper-casing, which makes an I of a dotless i. It also keeps out slashes, which the library
  // drops. Old Irish numbers contain a + or a *.
  if (!/^[A-Z0-9+*]*$/i.test(bare)) throw invalid('/vatId', LETTERS_AND_DIGITS)
  const vatId = bare.toUpperCase()
  const prefix = vatId.slice(0, 2)
  if (prefix === 'GR') throw invalid('/vatId', 'A Greek VAT number begins with EL.')
  if (EU_PREFIXES.has(prefix)) {
    // Northern Ireland's numbers have the forms of Great Britain's; after XI the library knows only one of these.
    if (!checkVAT(vatId.replace(/^XI/, 'GB'), EU).isValidFormat)
      throw invalid('/vatId', `This does not have the form of a VAT number that begins with ${prefix}.`)
    return vatId
  }
  if (country !== null && EU_COUNTRIES.has(country) && !/^[A-Z]{2}/.test(vatId))
    throw invalid('/vatId', 'A VAT number of the European Union begins with two letters, such as DE or EL.')
  if (!/^[A-Z0-9]{4,20}$/.test(vatId)) throw invalid('/vatId', LETTERS_AND_DIGITS)
  return vatId
}

const LETTERS_AND_DIGITS = 'A VAT number has 4 to 20 letters and digits, A to Z and 0 to 9.'

// Greece is GR as a country and EL before a number. XI is Northern Ireland, whose numbers have the forms of GB's.
const EU_COUNTRIES: ReadonlySet<string> = new Set(
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' '),
)
const EU_PREFIXES: ReadonlySet<string> = new Set([...EU_COUNTRIES, 'EL', 'XI'])
const EU: readonly Country[] = countries.filter(
  ({ codes: [alpha2 = ''] }) => EU_COUNTRIES.has(alpha2) || alpha2 === 'GB',
)
