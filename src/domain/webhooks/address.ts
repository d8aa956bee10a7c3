import ipaddr from 'ipaddr.js'
import { invalid } from '../errors.ts'

/**
 * Refuses the URL of an endpoint that must not be registered. Does not look up a host name: its address is known only
 * when a socket connects, and may be another one the next time.
 *
 * @param allowPrivate for development: allows http and addresses nearby
 * @returns the URL in its one spelling (WHATWG), in which `127.1`, `0x7f.1` and `2130706433` are all 127.0.0.1
 * @throws DomainError `invalid_request`, without the URL: its path or query may be a secret
 */
export function refuseTarget(url: string, allowPrivate: boolean): string {
  const target = url.length <= MOST_CHARACTERS ? URL.parse(url) : null
  if (target === null || target.href.length > MOST_CHARACTERS)
    throw invalid('/url', `The target of a webhook is a URL of at most ${MOST_CHARACTERS} characters.`)
  if (target.protocol !== 'https:' && !(allowPrivate && target.protocol === 'http:'))
    throw invalid('/url', 'The target of a webhook is an https URL.')
  if (target.username !== '' || target.password !== '')
    throw invalid('/url', 'The target of a webhook holds no user name and no password.')
  if (target.href.includes('#')) throw invalid('/url', 'The target of a webhook has no fragment.')
  if (!allowPrivate && isNear(target.hostname))
    throw invalid(
      '/url',
      'The target of a webhook is on the public internet: no private, loopback or link-local address.',
    )
  return target.href
}

/**
 * Returns true for an address that is unicast and globally routable (the registries of RFC 6890), in its usual
 * notation. An IPv6 address that carries an IPv4 one (mapped, 6to4, Teredo, NAT64) is never public, whatever it
 * carries.
 */
export function isPublicAddress(address: string): boolean {
  if (!isLiteral(address)) return false
  const parsed = ipaddr.parse(address)
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(GLOBAL_UNICAST))
}

// RFC 4291, 2.4: IANA has allocated only this part. The rest of the space is "unicast" too, and some of it leads
// inwards.
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3')
const MOST_CHARACTERS = 2048
const LOCALHOST = /(^|\.)localhost$/

/** Judges by what is written: an address, in brackets for IPv6, or the name that RFC 6761 keeps for loopback. */
function isNear(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.+$/, '')
  return isLiteral(host) ? !isPublicAddress(host) : LOCALHOST.test(host)
}

/** Excludes a zone (`%eth0`): it names a link of this machine, so no other machine's address has one. */
function isLiteral(host: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(host) || (ipaddr.IPv6.isValid(host) && !host.includes('%'))
}
