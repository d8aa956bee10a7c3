import type { Actor } from '../../domain/actor.ts'

/** Of a token whose signature and claims were verified. */
export interface Verified {
  readonly actor: Actor
  /** Seconds since 1970, as in the token: valid from the one to the other, both included. */
  readonly notBefore: number
  readonly expires: number
}

// All but a few tokens are shorter than 2 KiB. What the longest may hold of the memory is 16 MiB.
const MOST_ENTRIES = 10_000
const MOST_CHARACTERS = 16 * 1024 * 1024
const LONGEST = 4096

/**
 * Whose tokens were verified lately, by the whole `Authorization` header. Only what is valid is kept, so nobody can
 * fill it who cannot sign; where it is full, whoever has not come for the longest time is verified anew.
 */
export class VerifiedTokens {
  readonly #keysInForce: () => number | undefined
  readonly #kept = new Map<string, Verified & { readonly keys: number }>()
  #characters = 0

  /** @param keysInForce names the set of keys that counts now; a token counts as long as that which verified it. */
  constructor(keysInForce: () => number | undefined) {
    this.#keysInForce = keysInForce
  }

  get size(): { readonly entries: number; readonly characters: number } {
    return { entries: this.#kept.size, characters: this.#characters }
  }

  /** Undefined where the token has to be verified: it is not known, not in its time, or by keys of before. */
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

  /** Verifies, and keeps what came of it. A key that leaves meanwhile takes it along. */
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

  /** A Map is in the order in which its keys were put. */
  #shrink(): void {
    for (const header of this.#kept.keys()) {
      if (this.#kept.size <= MOST_ENTRIES && this.#characters <= MOST_CHARACTERS) return
      this.#drop(header)
    }
  }
}
