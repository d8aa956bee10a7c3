import type { Actor } from '../../domain/actor.ts'

/** A token whose signature and claims were verified. */
export interface Verified {
  readonly actor: Actor
  /** Seconds since 1970, as in the token. The token is valid from the one to the other, both included. */
  readonly notBefore: number
  readonly expires: number
}

// All but a few tokens are shorter than 2 KiB. The limit on characters bounds what longer ones take, at 16 MiB.
const MOST_ENTRIES = 10_000
const MOST_CHARACTERS = 16 * 1024 * 1024
const LONGEST = 4096

/**
 * Remembers the actors of tokens verified lately, by the whole `Authorization` header. Keeps only valid tokens, so a
 * caller who cannot sign cannot fill it. When it is full, it drops the least recently used token.
 */
export class VerifiedTokens {
  readonly #keysInForce: () => number | undefined
  readonly #kept = new Map<string, Verified & { readonly keys: number }>()
  #characters = 0

  /** @param keysInForce names the set of keys that counts now. A token counts while the set that verified it does. */
  constructor(keysInForce: () => number | undefined) {
    this.#keysInForce = keysInForce
  }

  get size(): { readonly entries: number; readonly characters: number } {
    return { entries: this.#kept.size, characters: this.#characters }
  }

  /** Returns undefined for a token that must be verified: unknown, not in its time, or verified by earlier keys. */
  find(header: string): Actor | undefined {
    const found = this.#kept.get(header)
    if (found === undefined) return undefined
    this.#drop(header)
    const now = Date.now()
    if (found.keys !== this.#keysInForce() || now < found.notBefore * 1000 || now > found.expires * 1000)
      return undefined
    this.#put(header, found)
    return found.actor
  }

  /** Verifies a token and keeps the result, which does not count if the keys change meanwhile. */
  async verify(header: string, verify: () => Promise<Verified>): Promise<Actor> {
    const keys = this.#keysInForce()
    const verified = await verify()
    if (keys !== undefined && header.length <= LONGEST) {
      this.#drop(header)
      this.#put(header, { ...verified, keys })
      this.#shrink()
    }
    return verified.actor
  }

  #put(header: string, entry: Verified & { readonly keys: number }): void {
    this.#kept.set(header, entry)
    this.#characters += header.length
  }

  #drop(header: string): void {
    if (this.#kept.delete(header)) this.#characters -= header.length
  }

  /** Drops the oldest entries: a Map keeps the order in which its keys were put. */
  #shrink(): void {
    for (const header of this.#kept.keys()) {
      if (this.#kept.size <= MOST_ENTRIES && this.#characters <= MOST_CHARACTERS) return
      this.#drop(header)
    }
  }
}
