import { type LookupAddress, Resolver } from 'node:dns'
import type { LookupFunction } from 'node:net'

// Milliseconds for a name server to answer, and how often each is asked.
const TIMEOUT = 2_000
const TRIES = 2
// Milliseconds for the other address family once one has answered (RFC 8305 waits less, and may ask again).
const OTHER_FAMILY = 1_000

/**
 * Resolves names by DNS alone. Node's own `lookup` asks the system on one of a few threads: names whose server does not
 * answer would hold up all others, and every new connection to the database.
 *
 * @param servers `address:port`; by default the system's.
 */
export function lookupByDns(servers?: readonly string[]): LookupFunction {
  return (name, _options, callback) => {
    const resolver = new Resolver({ timeout: TIMEOUT, tries: TRIES })
    if (servers) resolver.setServers(servers)
    const found: LookupAddress[] = []
    let open = 2
    let impatience: NodeJS.Timeout | undefined
    const note = (family: 4 | 6) => (_error: Error | null, addresses: string[] | undefined) => {
      found.push(...(addresses ?? []).map((address) => ({ address, family })))
      open -= 1
      // A cancelled query answers at once, without an address.
      if (open > 0 && found.length > 0) impatience = setTimeout(() => resolver.cancel(), OTHER_FAMILY)
      if (open > 0) return
      clearTimeout(impatience)
      if (found.length > 0) callback(null, found)
      else callback(Object.assign(new Error('the name has no address'), { code: 'ENOTFOUND' }), [])
    }
    resolver.resolve4(name, note(4))
    resolver.resolve6(name, note(6))
  }
}
