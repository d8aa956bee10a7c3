import { KeyObject } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import { createRemoteJWKSet, errors, type RemoteJWKSet } from 'jose'
import { algorithmOf, isAlgorithm } from '../../config/verification-key.ts'
import { DomainError } from '../../domain/errors.ts'

/** The members of a token's header that name its key. All others are ignored, `jwk`, `jku` and `x5u` above all. */
export interface KeyHint {
  readonly alg: string
  readonly kid?: string
}

/**
 * The keys that an identity provider publishes (RFC 7517). They are read again every ten minutes. A token whose key is
 * not among them causes an earlier read: once in thirty seconds, however many such tokens come. While the provider is
 * away, the keys that it published last stay valid. Until a first read succeeds, one is tried at most every 5 seconds.
 */
export class JsonWebKeys {
  readonly #published: RemoteJWKSet
  readonly #pems = new WeakMap<object, string>()
  readonly #log: FastifyBaseLogger
  #loadedAt = NEVER
  #generation = 0
  #lastFetch = { at: NEVER, succeeded: Promise.resolve(false) }

  constructor(url: string, log: FastifyBaseLogger) {
    // The library looks keys up, and fetches when told to. This class decides when to fetch.
    const byItself = { cacheMaxAge: Number.POSITIVE_INFINITY, cooldownDuration: Number.POSITIVE_INFINITY }
    this.#published = createRemoteJWKSet(new URL(url), { ...byItself, timeoutDuration: TIMEOUT })
    this.#log = log
  }

  /**
   * Finds the public key of a token, as PEM.
   *
   * @throws DomainError `unauthenticated` when no published key fits, `unavailable` when that cannot be found out
   */
  async find(hint: KeyHint): Promise<string> {
    if (!isAlgorithm(hint.alg)) throw unfit()
    if (performance.now() - this.#loadedAt > MAX_AGE) await this.#refresh()
    const known = await this.#lookUp(hint)
    if (known !== null) return known

    if (!(await this.#refresh())) throw away()
    const published = await this.#lookUp(hint)
    if (published === null) throw unfit()
    return published
  }

  /**
   * Names the set of published keys, for a cache of verified tokens: the number changes when other keys are published.
   * Undefined when it is time to read the keys again and no attempt has ended.
   */
  inForce(): number | undefined {
    const now = performance.now()
    const isOld = now - this.#loadedAt > MAX_AGE
    if (isOld && (this.#published.reloading || now - this.#lastFetch.at >= this.#pause)) return undefined
    return this.#generation
  }

  /** Fetches, or waits for the last fetch when it is too early for another. @returns whether it succeeded. */
  #refresh(): Promise<boolean> {
    const now = performance.now()
    if (now - this.#lastFetch.at >= this.#pause) this.#lastFetch = { at: now, succeeded: this.#fetch() }
    return this.#lastFetch.succeeded
  }

  get #pause(): number {
    return this.#loadedAt === NEVER ? RETRY : COOLDOWN
  }

  async #fetch(): Promise<boolean> {
    const before = this.#text()
    try {
      await this.#published.reload()
      this.#loadedAt = performance.now()
      if (this.#text() !== before) this.#generation += 1
      return true
    } catch (err) {
      this.#log.warn({ err }, 'the key set of the identity provider could not be read')
      return false
    }
  }

  #text(): string {
    return JSON.stringify(this.#published.jwks())
  }

  /** Null when no published key has the hint's name and type. */
  async #lookUp({ alg, kid }: KeyHint): Promise<string | null> {
    if (this.#loadedAt === NEVER) return null
    try {
      const key = await this.#published(kid === undefined ? { alg } : { alg, kid })
      const pem = this.#pems.get(key) ?? pemOf(KeyObject.from(key))
      this.#pems.set(key, pem)
      return pem
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return null
      // More than one key fits, or the one that does is damaged, private or too short.
      throw unfit()
    }
  }
}

const NEVER = Number.NEGATIVE_INFINITY
const MAX_AGE = 600_000
const COOLDOWN = 30_000
const RETRY = 5_000
const TIMEOUT = 2_000

/** @throws UnfitKeyError */
function pemOf(key: KeyObject): string {
  algorithmOf(key)
  return key.export({ type: 'spki', format: 'pem' }).toString()
}

function unfit(): DomainError {
  return new DomainError('unauthenticated', 'The token is not signed with a key of the identity provider.')
}

function away(): DomainError {
  return new DomainError(
    'unavailable',
    'The identity provider does not answer, so the token cannot be verified.',
  )
}
