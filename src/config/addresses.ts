import { isIP, isIPv4 } from 'node:net'
import { canonicalEmail } from '../domain/users/email.ts'
import type { Environment } from './environment.ts'

export interface Sender {
  /** Empty when MAIL_FROM gives only an address. */
  readonly name: string
  readonly address: string
}

/**
 * Fastify's `trustProxy`: trusts no proxy, every proxy, listed addresses and networks, or so many hops from the socket.
 */
export type TrustProxy = boolean | string | ((address: string, hop: number) => boolean)

/** Reads the URL that the link in a mail opens. Muster appends the code as the fragment, so the URL must have none. */
export function readAppUrl(environment: Environment): string {
  const url = environment.url('APP_URL', ['https:', 'http:'])
  if (environment.production && environment.text('APP_URL') === null) {
    environment.refuse(
      'APP_URL',
      'must be set when NODE_ENV=production: it is where the link in an invitation leads.',
    )
  }
  if (url === null) return DEVELOPMENT_APP_URL
  if (url.hash !== '' || url.href.endsWith('#')) {
    environment.refuse('APP_URL', 'must not have a fragment (#…): that is where the code goes.')
  }
  if (url.username || url.password) environment.refuse('APP_URL', 'must not hold a user name or password.')
  if (environment.production && url.protocol === 'http:' && !isLoopback(url)) {
    environment.refuse('APP_URL', 'must begin with https:// when NODE_ENV=production.')
  }
  return url.href
}

const DEVELOPMENT_APP_URL = 'http://localhost:3000/join'

/** Reads `Name <a@b>` or `a@b`. The default is no-reply at the application's host. */
export function readSender(environment: Environment, appUrl: string): Sender {
  const text = environment.text('MAIL_FROM')
  const { hostname } = new URL(appUrl)
  const fallback = { name: '', address: `no-reply@${isIpHost(hostname) ? 'localhost' : hostname}` }
  if (text === null) return fallback
  const sender = senderFrom(text)
  if (sender === null) {
    environment.refuse('MAIL_FROM', 'must be an address, as in: Muster <no-reply@example.com>')
  }
  return sender ?? fallback
}

function senderFrom(text: string): Sender | null {
  const { quoted, plain, inBrackets, alone } = SENDER.exec(text)?.groups ?? {}
  const name = (quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '').trim()
  const address = canonicalEmail(inBrackets ?? alone ?? '')
  return address === null || /\p{C}/u.test(name) ? null : { name, address }
}

const SENDER =
  /^(?:(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<plain>[^"<>]*))\s*<(?<inBrackets>[^<>]+)>|(?<alone>[^\s<>]+))$/u

export function readTrustProxy(environment: Environment): TrustProxy {
  const text = environment.text('TRUST_PROXY')
  if (text === null || text === 'false' || text === '0') return false
  if (text === 'true') return true
  // Fastify trusts no proxy when it is given a bare hop count. The function trusts as many hops as the operator of a
  // fixed chain means.
  if (/^[1-9]\d?$/.test(text)) return (_address, hop) => hop < Number(text)
  const proxies = environment.list('TRUST_PROXY')
  if (proxies.length > 0 && proxies.every(isNetwork)) return proxies.join(',')
  environment.refuse(
    'TRUST_PROXY',
    'must be true, the number of proxies, or their addresses, as in: 10.0.0.0/8, ::1',
  )
  return false
}

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/')
  const longest = isIPv4(address) ? 32 : 128
  if (isIP(address) === 0 || rest.length > 0) return false
  return prefix === undefined || (/^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= longest)
}

/**
 * Reads the origins whose pages may read the answers in a browser. `*` is safe in this respect: Muster uses no cookie.
 */
export function readCorsOrigins(environment: Environment): '*' | string[] {
  const origins = environment.list('CORS_ORIGINS')
  if (origins.length === 1 && origins[0] === '*') return '*'
  if (!origins.every(isOrigin)) {
    environment.refuse(
      'CORS_ORIGINS',
      'must be * or exact origins, as in: https://app.example.com, http://localhost:5173',
    )
  }
  return origins
}

function isOrigin(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text
}

export function isLoopback({ hostname }: URL): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]') return true
  return isIPv4(hostname) && hostname.startsWith('127.')
}

function isIpHost(hostname: string): boolean {
  return hostname.startsWith('[') || isIP(hostname) !== 0
}
