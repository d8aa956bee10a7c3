import { readFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { type JWTPayload, SignJWT } from 'jose'
import type { Test } from 'tap'
import { contractOf } from '../support/contract.ts'
import { type Muster, startMuster, withOrg } from '../support/muster.ts'

const contract = await readFile(new URL('../../openapi/openapi.json', import.meta.url), 'utf8')

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

interface Message {
  readonly headers?: Record<string, string>
  readonly body?: string | Buffer
}

export interface Door {
  readonly muster: Muster
  /** The path of Alice's organisation. */
  readonly org: string
  readonly token: string
  /** Of a service that may write. */
  readonly serviceToken: string
  /** One request of Alice's, with any body on any method. An answer that is not in the contract is an error. */
  send(method: string, path: string, message?: Message): Promise<Answer>
  /** The same with what JSON makes of a value, or with JSON as it is written. */
  sendJson(method: string, path: string, json: unknown): Promise<Answer>
  /** Bytes on a socket, as they are. `TOKEN` in them stands for Alice's. Answers what comes back, null for nothing. */
  sendBytes(bytes: string | Buffer): Promise<Answer | null>
}

/** A Muster at whose door Alice knocks; in the end it has to be well, with every connection of its pool at rest. */
export async function openDoor(t: Test): Promise<Door> {
  const muster = await startMuster(t)
  const { path: org } = await withOrg(muster)
  const alice = { sub: 'alice', email: 'alice@example.com', email_verified: true, name: 'Alice' }
  const token = await sign(muster, alice)
  const serviceToken = await sign(muster, { sub: 'backend', scope: 'muster:write' })
  const refuseUndocumented = contractOf(JSON.parse(contract))

  const send: Door['send'] = async (method, path, { headers = {}, body } = {}) => {
    const answer = await sendOnce(muster.url, method, path, {
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body !== undefined && { body }),
    })
    const found = answer.status >= 400 && answer.text ? JSON.parse(answer.text) : undefined
    if (method !== 'HEAD')
      refuseUndocumented(method, path, { ...answer, body: found, headers: new Headers() })
    return answer
  }
  return {
    muster,
    org,
    token,
    serviceToken,
    send,
    sendJson: (method, path, json) =>
      send(method, path, {
        headers: { 'content-type': 'application/json' },
        body: typeof json === 'string' ? json : JSON.stringify(json),
      }),
    sendBytes: (bytes) =>
      sendBytes(muster.url, typeof bytes === 'string' ? bytes.replaceAll('TOKEN', token) : bytes),
  }
}

/** It still answers, and nothing that was refused holds a connection. */
export async function isWell(t: Test, { muster }: Door): Promise<void> {
  const { status } = await muster.user('alice').get('/me')
  t.equal(status, 200, 'the service is alive')
  const { totalCount, idleCount, waitingCount } = muster.db.pool
  t.same({ busy: totalCount - idleCount, waiting: waitingCount }, { busy: 0, waiting: 0 }, 'and at rest')
}

/** A problem document (RFC 9457) of this status and code, which tells nothing of how the service is made. */
export function isProblem(t: Test, answer: Answer | null, status: number, code: string, what: string) {
  const problem = answer?.text ? JSON.parse(answer.text) : {}
  t.match(
    { status: answer?.status, type: answer?.headers['content-type'], problem },
    {
      status,
      type: /^application\/problem\+json/,
      problem: {
        type: `urn:muster:problem:${code}`,
        title: /^[A-Z][a-z ]+$/,
        status,
        code,
        detail: /^[A-Z].+\.$/s,
        instance: /^\//,
        requestId: /^[0-9a-f-]{36}$/,
      },
    },
    what,
  )
  t.notMatch(answer?.text, INSIDE, `${what}: nothing of the inside`)
  return problem
}

// Statements, drivers, frames of a stack, files.
export const INSIDE =
  /\b(select|insert|update|delete)\b.+\b(from|into|set)\b|drizzle|postgres|node:|node_modules|\bat .+:\d+|\.[jt]s\b/i

async function sign({ config: { jwt } }: Muster, claims: JWTPayload): Promise<string> {
  if (jwt.kind !== 'secret') throw new Error('the tests sign with a secret')
  const unsigned = new SignJWT(claims).setExpirationTime('1h')
  return unsigned.setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(jwt.secret))
}

function sendOnce(
  url: string,
  method: string,
  path: string,
  { headers, body = '' }: Message,
): Promise<Answer> {
  const { hostname, port } = new URL(url)
  const length = { 'content-length': String(Buffer.byteLength(body)) }
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { hostname, port, method, path, agent: false, headers: { ...(body.length > 0 && length), ...headers } },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part) => {
          text += part
        })
        response.on('end', () => {
          const { statusCode = 0, headers } = response
          resolve({ status: statusCode, headers: headers as Answer['headers'], text })
        })
      },
    )
    request.on('error', reject).end(body)
  })
}

function sendBytes(url: string, bytes: string | Buffer): Promise<Answer | null> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(bytes))
    socket.setTimeout(60_000, () =>
      socket.destroy(new Error(`no answer to ${bytes.toString().slice(0, 80)}`)),
    )
    socket.setEncoding('utf8').on('data', (part) => {
      text += part
      if (read(text)) socket.end()
    })
    // Whoever answers before all was read may reset the connection: what was answered counts.
    socket.on('error', (error) => (text === '' && !('syscall' in error) ? reject(error) : undefined))
    socket.on('close', () => resolve(read(text)))
  })
}

/** The first final answer in what a socket received, once it is whole. */
function read(text: string): Answer | null {
  const [head = '', rest = ''] = splitOnce(text, '\r\n\r\n')
  const [, status = ''] = /^HTTP\/1\.1 (\d{3})/.exec(head) ?? []
  if (status.startsWith('1')) return read(rest)
  const lines = head.split('\r\n').slice(1)
  const headers = Object.fromEntries(
    lines.map((line) => splitOnce(line, ': ')).map(([k = '', v = '']) => [k.toLowerCase(), v]),
  )
  const length = Number(headers['content-length'] ?? 0)
  if (status === '' || Buffer.byteLength(rest) < length) return null
  return { status: Number(status), headers, text: Buffer.from(rest).subarray(0, length).toString() }
}

function splitOnce(text: string, at: string): [string, string] {
  const index = text.indexOf(at)
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + at.length)]
}
