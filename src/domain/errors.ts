/** The kind of an error, in the domain's words. `http/problems.ts` alone maps a kind to a status. */
export type Kind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'gone'
  | 'stale'
  | 'unprocessable'
  | 'limited'
  | 'unavailable'

/** Every error code that a rule of Muster can answer, with its kind. Codes are stable: they are never renamed. */
export const CODES = {
  invalid_request: 'invalid',
  invalid_cursor: 'invalid',
  unauthenticated: 'unauthenticated',
  forbidden: 'forbidden',
  email_mismatch: 'forbidden',
  email_unverified: 'forbidden',
  email_domain_not_allowed: 'forbidden',
  org_not_found: 'not_found',
  user_not_found: 'not_found',
  member_not_found: 'not_found',
  invitation_not_found: 'not_found',
  resource_not_found: 'not_found',
  grant_not_found: 'not_found',
  webhook_not_found: 'not_found',
  delivery_not_found: 'not_found',
  last_admin: 'conflict',
  slug_taken: 'conflict',
  external_id_taken: 'conflict',
  already_member: 'conflict',
  already_invited: 'conflict',
  invitation_not_pending: 'conflict',
  not_addressed: 'conflict',
  resource_cycle: 'conflict',
  resource_too_deep: 'conflict',
  branch_too_large: 'conflict',
  webhook_disabled: 'conflict',
  too_many_webhooks: 'conflict',
  idempotency_in_progress: 'conflict',
  invitation_expired: 'gone',
  invitation_revoked: 'gone',
  invitation_declined: 'gone',
  invitation_used: 'gone',
  cursor_expired: 'gone',
  version_mismatch: 'stale',
  confirmation_mismatch: 'unprocessable',
  role_not_allowed: 'unprocessable',
  idempotency_key_reused: 'unprocessable',
  rate_limited: 'limited',
  unavailable: 'unavailable',
} as const satisfies Record<string, Kind>

export type Code = keyof typeof CODES

/**
 * Details for the caller: the field, the organisations, or the limit and the seconds until it lets one more through.
 */
export interface Refusal {
  readonly pointer?: string
  readonly orgs?: readonly { readonly id: string; readonly name: string }[]
  readonly limit?: number
  readonly retryAfter?: number
}

/**
 * The error by which a rule refuses. `message` is a sentence for the person who reads the answer; it never holds a
 * secret.
 */
export class DomainError extends Error {
  readonly code: Code
  readonly refusal: Refusal

  constructor(code: Code, message: string, refusal: Refusal = {}) {
    super(message)
    this.name = 'DomainError'
    this.code = code
    this.refusal = refusal
  }

  get kind(): Kind {
    return CODES[this.code]
  }
}

/** @param pointer points at the mistake in the body. */
export function invalid(pointer: string, message: string): DomainError {
  return new DomainError('invalid_request', message, { pointer })
}
