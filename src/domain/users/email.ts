import { domainToASCII } from 'node:url'

/**
 * Brings an address into the one spelling that Muster stores: lower case, the domain in ASCII (IDNA, RFC 5891). Two
 * spellings of the same address become the same text.
 *
 * Accepts only ASCII local parts, RFC 5321's dot-string, and checks them before it folds case: U+212A (KELVIN SIGN)
 * lower-cases to `k`, so folding first would make two people one.
 *
 * @returns the address, at most 254 characters, or null when Muster does not accept it.
 */
export function canonicalEmail(text: string): string | null {
  const at = text.lastIndexOf('@')
  const local = text.slice(0, at)
  const domain = canonicalDomain(text.slice(at + 1))
  if (at < 1 || domain === null || local.length > 64 || !DOT_STRING.test(local)) return null
  const email = `${local.toLowerCase()}@${domain}`
  return email.length <= 254 ? email : null
}

/**
 * Normalises the host name after the `@`: lower case, ASCII (IDNA), with at least one dot. Returns null for anything
 * else.
 */
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
// Letters, digits, hyphens, and the full stops that IDNA accepts. domainToASCII alone is too lenient, as the URL
// standard is: it drops what follows a slash, drops tabs and line ends, and decodes percent signs.
const HOST_NAME = /^[\p{L}\p{M}\p{N}.。．｡-]+$/u
