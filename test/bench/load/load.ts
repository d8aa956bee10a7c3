import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Call } from '../operations.ts'

/** A request as sent over the wire, and the text that its answer must hold. */
export interface Written {
  readonly head: string
  readonly body: string
  readonly status: number
  readonly text: string
  readonly times: number
}

/** Some seconds of load, or less if the requests run out. */
export interface Slice {
  readonly port: number
  readonly requests: readonly Written[]
  /** Says whether the requests may repeat. */
  readonly cyclic: boolean
  readonly connections: number
  readonly seconds: number
  /** Requests a second, offered whether or not they are answered. Absent: as many as are answered. */
  readonly rate?: number
  /** Allows a 503. */
  readonly mayRefuse?: boolean
}

export interface Outcome {
  /** Number of right answers; a wrong one fails the slice. */
  readonly answered: number
  readonly refused: number
  /** Refusals without Retry-After. */
  readonly mute: number
  /** Positions of the requests that were answered rightly, and of those refused; empty when they are cyclic. */
  readonly acknowledged: readonly number[]
  readonly turnedAway: readonly number[]
  readonly seconds: number
  /** Answers a second. */
  readonly rate: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly longest: number
}

/** The generator, in a process of its own. */
export class Load {
  readonly #child: ChildProcess

  constructor() {
    this.#child = fork(join(import.meta.dirname, 'generator.ts'), { serialization: 'advanced' })
  }

  /** @throws on the first wrong answer. */
  async run(slice: Slice): Promise<Outcome> {
    this.#child.send(slice)
    const [{ outcome, error }] = await once(this.#child, 'message')
    if (error !== undefined) throw new Error(error)
    return outcome
  }

  async end(): Promise<void> {
    this.#child.kill()
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
  }
}

export function written({ method, path, headers, body, status, text, times }: Call): Written {
  const bytes = body === undefined ? '' : JSON.stringify(body)
  const fields = {
    host: '127.0.0.1',
    ...headers,
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(method === 'POST' && { 'content-length': String(Buffer.byteLength(bytes)) }),
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return { head: `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, body: bytes, status, text, times }
}
