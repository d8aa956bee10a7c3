import { lookup as systemLookup } from 'node:dns'
import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
} from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { isPublicAddress, refuseTarget } from '../../domain/webhooks/address.ts'
import { lookupByDns } from './resolve.ts'

/** Sends requests to URLs that others choose, and is safe from SSRF. */
export interface Egress {
  /**
   * Sends one POST on a connection of its own. Resolves with the answer, whatever its status, a redirect included, once
   * its body has been dropped.
   *
   * @throws EgressError when there is no answer
   */
  post(url: string, headers: Record<string, string>, body: string, signal?: AbortSignal): Promise<Posted>
  /** Breaks off the requests that are under way. */
  close(): void
}

/** The answer's head; its body is not kept. */
export interface Posted {
  readonly status: number
  /** Seconds (RFC 9110, 10.2.3), or null where the header is absent or unreadable. */
  readonly retryAfter: number | null
}

export interface EgressSettings {
  /** Allows http and addresses that are not public, for development. */
  readonly allowPrivate: boolean
  /** Milliseconds for the whole exchange: name, connection, TLS, request and answer. */
  readonly timeout?: number
  /** Resolves names: by DNS, or in development by the system, which knows local names. Its results are not trusted. */
  readonly lookup?: LookupFunction
}

export type EgressReason =
  | 'address_not_allowed'
  | 'name_not_resolved'
  | 'connection_failed'
  | 'tls_failed'
  | 'timeout'
  | 'malformed_response'

/** The request got no answer. The message tells nothing that the other side said, nor where it is. */
export class EgressError extends Error {
  readonly reason: EgressReason

  constructor(reason: EgressReason) {
    super(`the webhook was not answered: ${reason}`)
    this.name = 'EgressError'
    this.reason = reason
  }
}

/**
 * Checks the address where it can no longer change: as written in the URL, in the result of the lookup as the socket
 * connects, and on the connected socket before it carries a byte of the request.
 */
export function openEgress({
  allowPrivate,
  timeout = 15_000,
  lookup = allowPrivate ? systemLookup : lookupByDns(),
}: EgressSettings): Egress {
  const isAllowed = (address: string) => allowPrivate || isPublicAddress(address)
  // No connection or TLS session is reused, so that every request has its address checked. The agents are our own,
  // because Node's global ones may follow the environment to a proxy, and verify nothing when it says so.
  const options = {
    keepAlive: false,
    lookup: checked(lookup, isAllowed),
    // Node gives each address but the last 250 ms, which is too short for distant parts of the world.
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: 3_000,
  }
  const http = new HttpAgent(options)
  const https = new HttpsAgent({ ...options, maxCachedSessions: 0, rejectUnauthorized: true })
  return {
    post: async (url, headers, body, signal) => {
      const target = targetOf(url, allowPrivate)
      const isSecure = target.protocol === 'https:'
      const request = (isSecure ? requestHttps : requestHttp)(target, {
        method: 'POST',
        headers: { ...headers, 'user-agent': 'Muster-Webhooks', 'content-length': Buffer.byteLength(body) },
        agent: isSecure ? https : http,
        maxHeaderSize: MOST_BYTES,
        signal,
      })
      request.once('socket', (socket) => {
        socket.once(isSecure ? 'secureConnect' : 'connect', () => {
          const { remoteAddress } = socket
          if (remoteAddress === undefined) request.destroy()
          else if (isAllowed(remoteAddress)) request.end(body)
          else request.destroy(new EgressError('address_not_allowed'))
        })
      })
      return answerTo(request, timeout)
    },
    close: () => {
      http.destroy()
      https.destroy()
    },
  }
}

/** Bytes at most of an answer's head, of its body, and of its interim answers (1xx), which may be any number. */
const MOST_BYTES = 16_384

/** Checks a host that is an address, as at registration: Node connects to it without a lookup. */
function targetOf(url: string, allowPrivate: boolean): URL {
  try {
    return new URL(refuseTarget(url, allowPrivate))
  } catch {
    throw new EgressError('address_not_allowed')
  }
}

/** Finds all addresses of a name, or none when one of them is not allowed: Node tries them in turn. */
function checked(lookup: LookupFunction, isAllowed: (address: string) => boolean): LookupFunction {
  return (name, options, callback) =>
    lookup(name, { ...options, all: true, order: 'verbatim' }, (error, found) => {
      if (error !== null) callback(new EgressError('name_not_resolved'), [])
      else if (Array.isArray(found) && found.every(({ address }) => isAllowed(address))) callback(null, found)
      else callback(new EgressError('address_not_allowed'), [])
    })
}

function answerTo(request: ClientRequest, timeout: number): Promise<Posted> {
  const timer = setTimeout(() => request.destroy(new EgressError('timeout')), timeout)
  return new Promise((resolve, reject) => {
    let answer: Posted | undefined
    const settle = (error: EgressError) => (answer ? resolve(answer) : reject(error))
    request
      .on('information', () => {
        if ((request.socket?.bytesRead ?? 0) > MOST_BYTES)
          request.destroy(new EgressError('malformed_response'))
      })
      .once('response', (response) => {
        answer = { status: response.statusCode ?? 0, retryAfter: retryAfterOf(response) }
        drop(response)
      })
      .on('error', (error) => settle(error instanceof EgressError ? error : new EgressError(reasonOf(error))))
      // Settles when the socket has closed, and not before, so that counting requests counts sockets. To Node, a 101
      // that was not asked for is neither an answer nor an error.
      .once('close', () => {
        clearTimeout(timer)
        settle(new EgressError('connection_failed'))
      })
  })
}

/** Reads the code: HPE_… comes from the HTTP parser, E… from the system, and any other name from OpenSSL. */
function reasonOf({ code = 'ECONNRESET' }: NodeJS.ErrnoException): EgressReason {
  if (code === 'ABORT_ERR') return 'timeout'
  if (code.startsWith('HPE_')) return 'malformed_response'
  return /^E(?!PROTO)[A-Z]+$/.test(code) ? 'connection_failed' : 'tls_failed'
}

/** Milliseconds to drain the body of an answer, which is not needed. */
const FOR_THE_BODY = 1_000

/** Lets the other side finish a short answer, and does not wait for the end of a long or slow one. */
function drop(response: IncomingMessage): void {
  let read = 0
  const impatience = setTimeout(() => response.destroy(), FOR_THE_BODY)
  response.once('close', () => clearTimeout(impatience))
  response.on('data', (chunk: Buffer) => {
    read += chunk.length
    if (read > MOST_BYTES) response.destroy()
  })
}

function retryAfterOf({ headers }: IncomingMessage): number | null {
  const text = headers['retry-after'] ?? ''
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((timeOf(text) - Date.now()) / 1000)
  return Number.isSafeInteger(seconds) ? Math.max(seconds, 0) : null
}

/** Parses an HTTP-date in any of its three forms (RFC 9110, 5.6.7), or returns NaN. The last form implies GMT. */
function timeOf(text: string): number {
  if (!HTTP_DATE.test(text)) return Number.NaN
  return Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`)
}

const TIME = String.raw`\d\d:\d\d:\d\d`
const HTTP_DATE = new RegExp(
  String.raw`^(?:\w{3}, \d\d \w{3} \d{4} ${TIME} GMT|\w{6,9}, \d\d-\w{3}-\d\d ${TIME} GMT|\w{3} \w{3} [ \d]\d ${TIME} \d{4})$`,
)
