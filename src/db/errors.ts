import { DrizzleQueryError } from 'drizzle-orm'
import { DatabaseError } from 'pg'

// Tells what an error of the database means.

/** Thrown in a transaction that relied on what others have changed since. The transaction has to begin again. */
export class Overtaken extends Error {}

/** Message of the error that rolls back a transaction which would commit too late for its caller. */
export const TOO_LONG = 'the transaction took too long to be committed'

/** Returns the constraint that a failed statement violated (SQLSTATE class 23), or undefined for any other error. */
export function violatedConstraint(error: unknown): string | undefined {
  const cause = causeOf(error)
  return cause instanceof DatabaseError && cause.code?.startsWith('23') ? cause.constraint : undefined
}

/**
 * Says why PostgreSQL refused a value (SQLSTATE classes 22 and 23), by code and constraint, without the value. Returns
 * undefined for any other error.
 */
export function refusedValue(error: unknown): string | undefined {
  const cause = causeOf(error)
  return cause instanceof DatabaseError && /^2[23]/.test(cause.code ?? '')
    ? `the database refuses it (${cause.code}${cause.constraint ? `, ${cause.constraint}` : ''})`
    : undefined
}

/** True for a statement or a transaction that ran out of time. */
export function tookTooLong(error: unknown): boolean {
  const cause = causeOf(error)
  return (
    (cause instanceof DatabaseError && cause.code === '57014') ||
    (cause instanceof Error && cause.message === TOO_LONG)
  )
}

/** True for an error that the request did not cause: the database is away, full or too slow. Try again later. */
export function isUnavailable(error: unknown): boolean {
  const cause = causeOf(error)
  if (cause instanceof Overtaken || (cause instanceof Error && cause.message === TOO_LONG)) return true
  return isLost(error) || (cause instanceof DatabaseError && UNAVAILABLE_STATES.test(cause.code ?? ''))
}

/** True when PostgreSQL ended this transaction to resolve a deadlock. */
export function isDeadlock(error: unknown): boolean {
  const cause = causeOf(error)
  return cause instanceof DatabaseError && cause.code === '40P01'
}

/** True when the state of the connection is unknown. */
export function isLost(error: unknown): boolean {
  const cause = causeOf(error)
  return (
    cause instanceof Error &&
    !(cause instanceof DatabaseError) &&
    ('syscall' in cause || LOST.test(cause.message))
  )
}

/** Returns an error that is safe to log: PostgreSQL's own, which does not repeat the statement and its parameters. */
export function withoutParameters(error: unknown): Error {
  const cause = causeOf(error)
  return cause instanceof Error ? cause : new Error('a value that is no Error was thrown')
}

/**
 * Unwraps Drizzle's error, which repeats the statement and its parameters, and Node's AggregateError, which holds one
 * error for each address that could not be reached.
 */
export function causeOf(error: unknown): unknown {
  const cause = error instanceof DrizzleQueryError ? error.cause : error
  return cause instanceof AggregateError ? cause.errors[0] : cause
}

// Connection and operator trouble, no resources, lock and statement timeouts, deadlock, serialisation failure, and
// tables that a migration has yet to make.
const UNAVAILABLE_STATES = /^(08...|53...|57...|55P03|25P03|40P01|40001|42P01|3F000)$/
// Messages of `pg` that come without a code.
const LOST =
  /timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|Query read timeout|Cannot use a pool after calling end/
