import type { FastifyInstance, HookHandlerDoneFunction } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    isHandled: boolean
  }
}

/** The part of a request, and of its reply, that the line needs to know. */
interface Caller {
  isHandled: boolean
}
interface Connected {
  readonly raw: { readonly destroyed: boolean }
}

interface Waiting {
  readonly caller: Caller
  readonly reply: Connected
  readonly since: number
  readonly done: HookHandlerDoneFunction
}

// Milliseconds. A request in a burst may wait as long as a caller waits for a connection to the database.
const IN_A_BURST = 2_000
const NO_DELAY = 20
const WINDOW = 100
const CALM_WINDOWS = 3
const MOST_WAITING = 4_000

/**
 * Bounds the number of requests handled at a time. The others wait in line, in the order in which they came.
 *
 * A burst is served, and so is the backlog that gathered while the process stood still. It is an overload when the line
 * was never empty for two windows, and as many requests keep coming as are done. The line then refuses a request that
 * has waited longer than handling takes, and every new one while the first in line has waited so long. The overload
 * ends when hardly any request had to be refused for three windows.
 */
export class WaitingLine {
  readonly #atOnce: number
  #handled = 0
  #waiting: Waiting[] = []
  #standsSince = 0
  /** Milliseconds that a request may wait. */
  #patience = IN_A_BURST
  #isDue = false
  #turnBegan: number | undefined
  #window = { began: performance.now(), came: 0, done: 0, refused: 0 }
  #overfull = 0
  #calm = 0

  constructor(atOnce: number) {
    this.#atOnce = atOnce
  }

  /** True when a request would only be refused later. Asked before any work is done for it. */
  isHopeless(): boolean {
    const since = this.#waiting[0]?.since ?? this.#now()
    if (this.#waiting.length < MOST_WAITING && performance.now() - since <= this.#patience) return false
    this.#window.came += 1
    this.#window.refused += 1
    return true
  }

  enter(caller: Caller, reply: Connected, done: HookHandlerDoneFunction): void {
    this.#window.came += 1
    if (this.#handled < this.#atOnce && this.#waiting.length === 0) {
      this.#admit(caller, done)
      return
    }
    const since = this.#now()
    if (this.#waiting.length === 0) this.#standsSince = since
    this.#waiting.push({ caller, reply, since, done })
  }

  /** Notes that a request is about to be answered. It may not have been admitted, or may be noted already. */
  leave(caller: Caller): void {
    if (!caller.isHandled) return
    caller.isHandled = false
    this.#handled -= 1
    this.#window.done += 1
    if (this.#waiting.length > 0) this.#moveSoon()
  }

  /** Call this at the end of each window. @returns the number of requests refused in it. */
  endWindow(): number {
    if (this.#waiting.length > 0) this.#move()
    const { began, came, done, refused } = this.#window
    const now = performance.now()
    const isStanding = this.#waiting.length > 0 && now - this.#standsSince >= WINDOW
    this.#overfull = isStanding && came > 0.9 * done ? this.#overfull + 1 : 0
    this.#calm = refused > came / 10 || isStanding ? 0 : this.#calm + 1
    if (this.#overfull >= 2) {
      const handling = (this.#atOnce * (now - began)) / done
      this.#patience = Math.min(Math.max(handling, NO_DELAY), IN_A_BURST)
    } else if (this.#calm >= CALM_WINDOWS) this.#patience = IN_A_BURST
    this.#window = { began: now, came: 0, done: 0, refused: 0 }
    return refused
  }

  /** Returns when this turn of the event loop began: a request that is read in it has waited at least since then. */
  #now(): number {
    if (this.#turnBegan === undefined) {
      this.#turnBegan = performance.now()
      setImmediate(() => {
        this.#turnBegan = undefined
      })
    }
    return this.#turnBegan
  }

  #admit(caller: Caller, done: HookHandlerDoneFunction): void {
    caller.isHandled = true
    this.#handled += 1
    done()
  }

  /** Moves the line after the leaving request is answered. Moving at once would nest each call in the one before. */
  #moveSoon(): void {
    if (this.#isDue) return
    this.#isDue = true
    process.nextTick(() => {
      this.#isDue = false
      this.#move()
    })
  }

  #move(): void {
    const oldest = performance.now() - this.#patience
    let gone = 0
    for (const { caller, reply, since, done } of this.#waiting) {
      const isHere = !reply.raw.destroyed
      if (isHere && since >= oldest && this.#handled >= this.#atOnce) break
      gone += 1
      if (!isHere) continue
      if (since >= oldest) this.#admit(caller, done)
      else this.#refuse(done)
    }
    this.#waiting.splice(0, gone)
  }

  #refuse(done: HookHandlerDoneFunction): void {
    this.#window.refused += 1
    done(overload())
  }
}

/** Lets the requests of these routes wait in line, after their bodies have come: no request waits for a slow sender. */
export function standInLine(app: FastifyInstance, atOnce: number): void {
  const line = new WaitingLine(atOnce)
  app.decorateRequest('isHandled', false)
  app.addHook('onRequest', (_request, _reply, done) => done(line.isHopeless() ? overload() : undefined))
  app.addHook('preValidation', (request, reply, done) => line.enter(request, reply, done))
  app.addHook('onSend', (request, _reply, _payload, done) => {
    line.leave(request)
    done()
  })

  const windows = setInterval(() => {
    const refused = line.endWindow()
    if (refused > 0) app.log.warn({ refused }, 'more requests come than can be answered')
  }, WINDOW).unref()
  app.server.once('close', () => clearInterval(windows))
}

function overload(): Error {
  return Object.assign(new Error('more requests come than can be answered'), { code: 'OVERLOAD' })
}
