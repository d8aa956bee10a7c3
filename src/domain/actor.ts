/** Rights that a token gives to a service, over every organisation. A user's rights are read from the database. */
export const SCOPES = ['muster:check', 'muster:read', 'muster:write'] as const

type Scope = (typeof SCOPES)[number]

/** A person, as their token describes them. `id` is the identity provider's `sub`. */
export interface User {
  readonly type: 'user'
  readonly id: string
  /** The address in its canonical spelling. It proves nothing unless `emailVerified` is true. */
  readonly email: string | null
  readonly emailVerified: boolean
  readonly name: string | null
}

export interface Service {
  readonly type: 'service'
  readonly id: string
  readonly scopes: ReadonlySet<Scope>
}

/** The caller. */
export type Actor = User | Service

export function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text)
}

/** The actor as it is written into a row. */
export type By = Pick<Actor, 'type' | 'id'>

/** The actor as an answer shows it to others. */
export interface NamedActor {
  readonly type: By['type']
  readonly userId: string
  /** Null for a service, and for a user whose name Muster does not know. */
  readonly name: string | null
}
