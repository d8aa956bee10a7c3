import { type TSchema, Type } from '@sinclair/typebox'
import type { Code } from '../../domain/errors.ts'
import { strict } from './fields.ts'

export type Tag =
  | 'Me'
  | 'Organisations'
  | 'Members'
  | 'Invitations'
  | 'Resources'
  | 'Billing'
  | 'Access'
  | 'Users'
  | 'Events'
  | 'Webhooks'
  | 'Operations'

/** One operation of the contract: what OpenAPI says of it, and what Fastify checks. */
export interface Operation {
  readonly operationId: string
  readonly tags: readonly [Tag]
  readonly summary: string
  readonly description: string
  /** The refusals by its own rules. `answers.ts` adds what every operation can answer (400, 401, 500, 503 …). */
  readonly refusals: readonly Code[]
  /** Empty: open to all callers. Absent: needs a token. */
  readonly security?: readonly Record<string, readonly string[]>[]
  readonly params?: TSchema
  readonly querystring?: TSchema
  readonly headers?: TSchema
  readonly body?: TSchema
  readonly response: Readonly<Record<number, TSchema>>
}

/** Accepts no query parameter unless the operation describes a query. */
export function operation<const O extends Operation>(described: O): O {
  return { querystring: NO_PARAMETERS, ...described }
}

export const NO_PARAMETERS = Type.Object({}, strict)

/** An empty answer: the call is done. */
export const NoContent = Type.Unsafe<undefined>({ type: 'null', description: 'Done.' })
