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

/** Sends what others receive, to where they say, and cannot be turned inwards. */
export interface Egress {
  /**
   * One POST on a connection of its own. Whatever the answer's status is, a redirect too, it is the result, once its body
   * has been dropped.
   *
   * @throws EgressError when there is no answer
   */
  post(url: string, headers: Record<string, string>, body: string, signal?: AbortSignal): Promise<Posted>
  /** Breaks off what is under way. */
  close(): void
}

/** The answer's head; its body is not kept. */
export interface Posted {
  readonly status: number
  /** Seconds (RFC 9110, 10.2.3), or null where the header is absent or unreadable. */
  readonly retryAfter: number | null
}

export interface EgressSettings {
  /** For development: http, and addresses that are not public. */
  readonly allowPrivate: boolean
  /** Milliseconds for the whole exchange: name, connection, TLS, request and answer. */
  readonly timeout?: number
  /** What names stand for: by DNS, in development by the system, whose names are near. It is trusted no more than they. */
  readonly lookup?: LookupFunction
}

export type EgressReason =
  | 'address_not_allowed'
  | 'name_not_resolved'
  | 'connection_failed'
  | 'tls_failed'
  | 'timeout'
  | 'malformed_response'

/** Nobody answered the request. The message holds nothing of what the other side said, nor where it is. */
export class EgressError extends Error {
  readonly reason: EgressReason

  constructor(reason: EgressReason) {
    super(`the webhook was not answered: ${reason}`)
    this.name = 'EgressError'
    this.reason = reason
  }
}

/**
 * The address is checked where it cannot change any more: as it is written in the URL, in what the name stands for at
 * the moment the socket connects, and on the connected socket before it carries a byte of the request.
 */
export function openEgress({
  allowPrivate,
  timeout = 15_000,
  lookup = allowPrivate ? systemLookup : lookupByDns(),
}: EgressSettings): Egress {
  const isAllowed = (address: string) => allowPrivate || isPublicAddress(address)
  // An address is checked for each connection, so that none is kept for another request, nor a TLS session. Agents of
  // our own, since node's global ones may follow the environment to a proxy, and verify nothing when it says so.
  const options = {
    keepAlive: false,
    lookup: checked(lookup, isAllowed),
    // Node gives each address but the last a quarter of a second, in which not every part of the world can answer.
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

/** Of an answer's head, of its body, and of interim answers (1xx), of which there may be any number. */
const MOST_BYTES = 16_384

/** Node connects to an address that is a URL's host without a lookup: that one is checked here, as at registration. */
function targetOf(url: string, allowPrivate: boolean): URL {
  try {
    return new URL(refuseTarget(url, allowPrivate))
  } catch {
    throw new EgressError('address_not_allowed')
  }
}

/** All the addresses of a name, or none when one of them is not allowed: node tries them in turn. */
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
      // With the socket, and not before: whoever counts what runs, counts sockets. A 101 that nobody asked for is neither
      // an answer nor an error to node.
      .once('close', () => {
        clearTimeout(timer)
        settle(new EgressError('connection_failed'))
      })
  })
}

/** By code: HPE_… are the HTTP parser's, E… the system's, and all that is left has a name of OpenSSL's. */
function reasonOf({ code = 'ECONNRESET' }: NodeJS.ErrnoException): EgressReason {
  if (code === 'ABORT_ERR') return 'timeout'
  if (code.startsWith('HPE_')) return 'malformed_response'
  return /^E(?!PROTO)[A-Z]+$/.test(code) ? 'connection_failed' : 'tls_failed'
}

/** Milliseconds for the body of an answer, of which nothing is needed. */
const FOR_THE_BODY = 1_000

/** Lets the other side finish a short answer, and does not wait for the end of a long or a slow one. */
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

/** An HTTP-date in any of its three forms (RFC 9110, 5.6.7), the last of which does not say that it is GMT; or NaN. */
function timeOf(text: string): number {
  if (!HTTP_DATE.test(text)) return Number.NaN
  return Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`)
}

const TIME = String.raw`\d\d:\d\d:\d\d`
const HTTP_DATE = new RegExp(
  String.raw`^(?:\w{3}, \d\d \w{3} \d{4} ${TIME} GMT|\w{6,9}, \d\d-\w{3}-\d\d ${TIME} GMT|\w{3} \w{3} [ \d]\d ${TIME} \d{4})$`,
)
