import { domainToASCII } from 'node:url'

/**
 * The one spelling under which Muster knows an address: lower case, the domain in its ASCII form (IDNA, RFC 5891).
 * Two spellings of the same address are the same text afterwards.
 *
 * Only ASCII local parts of RFC 5321's dot-string are taken, and they are checked before anything is folded:
 * U+212A (KELVIN SIGN) lower-cases to `k`, so folding first would make two people one.
 *
 * @returns the address, at most 254 characters, or null where Muster does not take it.
 */
export function canonicalEmail(text: string): string | null {
  const at = text.lastIndexOf('@')
  const local = text.slice(0, at)
  const domain = canonicalDomain(text.slice(at + 1))
  if (at < 1 || domain === null || local.length > 64 || !DOT_STRING.test(local)) return null
  const email = `${local.toLowerCase()}@${domain}`
  return email.length <= 254 ? email : null
}

/** A host name as it stands behind the `@`: lower case, ASCII (IDNA), with at least one dot, or null. */
export function canonicalDomain(text: string): string | null {
  if (!HOST_NAME.test(text)) return null
  const domain = domainToASCII(text)
  return domain.length <= 253 && DOMAIN.test(domain) ? domain : null
}

export function domainOf(email: string): string {
  return email.slice(email.lastIndexOf('@') + 1)
}

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
const DOT_STRING = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`)
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const DOMAIN = new RegExp(`^(?:${LABEL}\\.)+(?!\\d+$)${LABEL}$`)
// Letters, digits, hyphens, and the full stops that IDNA takes for one. domainToASCII alone follows the URL standard:
// it drops what comes behind a slash, tabs and line ends, and decodes percent signs.
const HOST_NAME = /^[\p{L}\p{M}\p{N}.。．｡-]+$/u
