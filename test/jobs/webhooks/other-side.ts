import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createHttp, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createHttps } from 'node:https'
import {
  type AddressInfo,
  connect,
  createServer,
  type LookupFunction,
  type Server,
  type Socket,
} from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { setDefaultCACertificates, type TlsOptions } from 'node:tls'
import { inspect } from 'node:util'
import type { Test } from 'tap'
import { type EgressReason, type EgressSettings, openEgress } from '../../../src/jobs/webhooks/egress.ts'
import { certify } from './certificate.ts'

// Whoever stands where a webhook leads: well-meaning or not, with a certificate or without.

// In the form of an address of the internet, from a block that nobody was given: no packet to it arrives anywhere.
export const NOBODY = '2d00::1'
export const NAME = 'hooks.example.com'

const [YESTERDAY, TOMORROW] = [-1, 1].map((days) => new Date(Date.now() + days * 86_400_000))
export const good = certify(NAME, TOMORROW)
export const expired = certify(NAME, YESTERDAY)
export const unknown = certify(NAME, TOMORROW)
setDefaultCACertificates([good.cert, expired.cert])

export function open(t: Test, settings: Partial<EgressSettings> = {}) {
  const egress = openEgress({
    allowPrivate: true,
    timeout: 10_000,
    lookup: names(['127.0.0.1']),
    ...settings,
  })
  t.teardown(() => egress.close())
  return egress
}

/** For the reason, in words that repeat nothing of what the other side said or of where it is. */
export async function fails(
  t: Test,
  posted: Promise<unknown>,
  reason: EgressReason | RegExp,
  about = '',
): Promise<void> {
  const error = await posted.then(
    (answer) => inspect(answer),
    (error) => error,
  )
  t.match(error, { name: 'EgressError', reason }, about)
  t.equal(error.message, `the webhook was not answered: ${error.reason}`)
  t.notMatch(inspect(error), /seKret|https?:|127\.|hooks\./)
}

/** A resolver that gives each answer once, and the last one for good. */
export function names(...answers: readonly string[][]) {
  const resolve: LookupFunction = (_name, _options, callback) => {
    const answer = answers[Math.min(resolver.asked, answers.length - 1)] ?? []
    resolver.asked += 1
    setImmediate(
      callback,
      null,
      answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  const resolver = Object.assign(resolve, { asked: 0 })
  return resolver
}

type Received = Pick<IncomingMessage, 'method' | 'url' | 'headers'> & { readonly body: Buffer }

export async function serve(t: Test, answer: RequestListener, tls?: TlsOptions) {
  const requests: Received[] = []
  const listener: RequestListener = async (request, response) => {
    const { method, url, headers } = request
    requests.push({ method, url, headers, body: await buffer(request) })
    answer(request, response)
  }
  const server = tls ? createHttps(tls, listener) : createHttp(listener)
  return {
    requests,
    ...(await listening(
      t,
      server.on('tlsClientError', () => {}),
    )),
  }
}

export function listen(t: Test, meet: (socket: Socket) => void) {
  return listening(
    t,
    createServer((socket) => meet(socket.on('error', () => {}).on('data', () => {}))),
  )
}

/** On the same port of 127.0.0.1 and, where there is IPv6, of ::1. */
export async function listenTwice(t: Test) {
  const first = await listen(t, () => {})
  const second = createServer((socket) => first.connections.push(socket))
  t.teardown(() => second.close())
  await once(second.listen(first.port, '::1'), 'listening').catch(() => t.comment('there is no IPv6'))
  return first
}

async function listening(t: Test, server: Server) {
  const connections: Socket[] = []
  server.on('connection', (socket) => connections.push(socket.on('error', () => {})))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of connections) socket.destroy()
  })
  return { server, connections, port: (server.address() as AddressInfo).port }
}

/** A server that falls asleep with as many before it as it lets wait, so that who comes then is connected late. */
export async function sleeper(t: Test) {
  const child = spawn(process.execPath, ['-e', SLEEPER], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const [said] = await once(child.stdout, 'data')
  const port = Number(said)
  const fall = async () => {
    child.kill('SIGSTOP')
    const sockets = Array.from({ length: 6 }, () => connect(port, '127.0.0.1').on('error', () => {}))
    await pause(200)
    return sockets
  }
  return { port, fall, wake: () => child.kill('SIGCONT') }
}

const SLEEPER = `
  const server = require('node:http').createServer((request, response) => request.resume() && response.end())
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port))`

/** Rejects when the other side has not let go of it after a minute. */
export async function closed(socket: Socket): Promise<void> {
  for (const deadline = Date.now() + 60_000; !socket.closed; await pause(5))
    if (Date.now() > deadline) throw new Error('the socket is still open')
}

/** A byte every now and then, over and over. */
export function drip(socket: Socket, text: string): void {
  let sent = 0
  const timer = setInterval(() => socket.write(text[sent++ % text.length] ?? ''), 20)
  socket.once('close', () => clearInterval(timer))
}
