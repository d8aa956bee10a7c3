import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Call } from '../operations.ts'

/** A request as it goes over the wire, and what is looked for in its answer. */
export interface Written {
  readonly head: string
  readonly body: string
  readonly status: number
  readonly text: string
  readonly times: number
}

/** Some seconds of load, or less when the requests have run out. */
export interface Slice {
  readonly port: number
  readonly requests: readonly Written[]
  /** Whether the requests may come again. */
  readonly cyclic: boolean
  readonly connections: number
  readonly seconds: number
  /** Requests a second, offered whatever becomes of them. Absent: as many as are answered. */
  readonly rate?: number
  /** A 503 is no wrong answer. */
  readonly mayRefuse?: boolean
}

export interface Outcome {
  /** Rightly; the slice fails otherwise. */
  readonly answered: number
  readonly refused: number
  /** Refusals that do not say when to come back. */
  readonly mute: number
  /** Which of the requests were answered rightly, and which were refused, by their place; empty when they are cyclic. */
  readonly acknowledged: readonly number[]
  readonly turnedAway: readonly number[]
  readonly seconds: number
  /** Answered a second. */
  readonly rate: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly longest: number
}

/** The generator, a process of its own. */
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
