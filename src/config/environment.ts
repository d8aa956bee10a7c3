/**
 * Reads the process's environment variables and collects the problems, so that an operator learns of all of them at
 * once.
 * A reader that notes a problem still returns a value: the caller must check `problems` before using it.
 * An empty variable counts as unset. No problem repeats a value, which may be a secret.
 */
export class Environment {
  readonly production: boolean
  readonly problems: string[] = []
  readonly #variables: NodeJS.ProcessEnv

  constructor(variables: NodeJS.ProcessEnv) {
    this.#variables = variables
    this.production = variables.NODE_ENV === 'production'
  }

  /** Notes a problem. The sentence begins with the variable's name. */
  refuse(name: string, predicate: string): void {
    this.problems.push(`${name} ${predicate}`)
  }

  exact(name: string): string | null {
    return this.#variables[name] || null
  }

  text(name: string): string | null {
    return this.exact(name)?.trim() || null
  }

  list(name: string): string[] {
    const items = this.text(name)?.split(',') ?? []
    return items.map((item) => item.trim()).filter((item) => item !== '')
  }

  integer(name: string, { from, to, fallback }: { from: number; to: number; fallback: number }): number {
    const text = this.text(name)
    if (text === null) return fallback
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= from && value <= to) return value
    this.refuse(name, `must be a whole number from ${from} to ${to}.`)
    return fallback
  }

  choice<const Choice extends string>(name: string, choices: readonly Choice[], fallback: Choice): Choice {
    const text = this.text(name)
    if (text === null) return fallback
    const chosen = choices.find((choice) => choice === text)
    if (chosen === undefined) this.refuse(name, `must be one of: ${choices.join(', ')}.`)
    return chosen ?? fallback
  }

  /** @param protocols as in `['https:']` */
  url(name: string, protocols: readonly string[]): URL | null {
    const text = this.text(name)
    if (text === null) return null
    const url = URL.parse(text)
    if (url !== null && protocols.includes(url.protocol)) return url
    const beginnings = protocols.map((protocol) => `${protocol}//`).join(' or ')
    this.refuse(name, `must be a URL that begins with ${beginnings} (special characters percent-encoded).`)
    return null
  }
}
