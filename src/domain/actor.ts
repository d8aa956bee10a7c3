/** Rights that a token gives to a service, over every organisation. A user's rights are read from the database. */
export const SCOPES = ['muster:check', 'muster:read', 'muster:write'] as const

type Scope = (typeof SCOPES)[number]

/** A person: what the token says of them. `id` is the identity provider's `sub`. */
export interface User {
  readonly type: 'user'
  readonly id: string
  /** In its canonical spelling. Proves nothing unless `emailVerified`. */
  readonly email: string | null
  readonly emailVerified: boolean
  readonly name: string | null
}

export interface Service {
  readonly type: 'service'
  readonly id: string
  readonly scopes: ReadonlySet<Scope>
}

/** Who asks. */
export type Actor = User | Service

export function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text)
}

/** Who did something, as it is noted. */
export type By = Pick<Actor, 'type' | 'id'>

/** Who did something, as it is told to others. */
export interface NamedActor {
  readonly type: By['type']
  readonly userId: string
  /** Null for a service, and for a user whose name nobody has told. */
  readonly name: string | null
}
