import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { type ProblemCode, problem } from '../problems.ts'
import { newRequestId } from './request-id.ts'

/** Passes to the app two kinds of request that Node would answer by itself, without a problem document. */
export function registerProtocol(app: FastifyInstance): void {
  // RFC 9110, 10.1.1: an unknown expectation may be ignored.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  // RFC 9112, 3.2: a request of HTTP/1.1 without a Host is refused.
  Object.assign(app.server, { requireHostHeader: false })
  app.addHook('onRequest', ({ id, raw }, reply, done) => {
    reply
      .header('x-request-id', id)
      .header('cache-control', 'no-store')
      .header('x-content-type-options', 'nosniff')
    if (raw.headers.host === undefined && raw.httpVersion === '1.1')
      done(Object.assign(new Error('no Host'), { code: 'MISSING_HOST' }))
    else done()
  })
}

/** Answers what Node's HTTP parser refuses. It never becomes a request, so the answer is written to the socket. */
export function answerClientError(
  this: FastifyInstance,
  error: NodeJS.ErrnoException,
  socket: Socket & { _httpMessage?: ServerResponse },
): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket._httpMessage?.headersSent)
    return void socket.destroy()
  const [code, detail] = PARSER[error.code ?? ''] ?? ['malformed_request', 'This is not HTTP/1.1 (RFC 9112).']
  const found = problem(code, detail, { id: newRequestId(), url: '/' })
  this.log.info({ reqId: found.requestId, from: socket.remoteAddress, reason: error.code }, code)
  const body = JSON.stringify(found)
  socket.end(
    `HTTP/1.1 ${found.status} ${found.title}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

const PARSER: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'The headers are larger than 16 KiB.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'The request took longer than 10 s to arrive.'],
}
