import { DrizzleQueryError } from 'drizzle-orm'
import { DatabaseError } from 'pg'

// What an error of the database means.

/** Thrown in a transaction that went by what others have changed meanwhile, and has to begin anew. */
export class Overtaken extends Error {}

/** Of the error with which a transaction is rolled back that would be committed later than anybody waits for. */
export const TOO_LONG = 'the transaction took too long to be committed'

/** The constraint that a failed statement ran into (SQLSTATE class 23), if that is why it failed. */
export function violatedConstraint(error: unknown): string | undefined {
  const cause = causeOf(error)
  return cause instanceof DatabaseError && cause.code?.startsWith('23') ? cause.constraint : undefined
}

/** Why a value cannot be kept (SQLSTATE classes 22 and 23), in PostgreSQL's words without the value; or undefined. */
export function refusedValue(error: unknown): string | undefined {
  const cause = causeOf(error)
  return cause instanceof DatabaseError && /^2[23]/.test(cause.code ?? '')
    ? `the database refuses it (${cause.code}${cause.constraint ? `, ${cause.constraint}` : ''})`
    : undefined
}

/** True for a statement, or a transaction, that was more than fits into its time. */
export function tookTooLong(error: unknown): boolean {
  const cause = causeOf(error)
  return (
    (cause instanceof DatabaseError && cause.code === '57014') ||
    (cause instanceof Error && cause.message === TOO_LONG)
  )
}

/** True for an error that says nothing of the request: the database is away, full, or too slow. Try again later. */
export function isUnavailable(error: unknown): boolean {
  const cause = causeOf(error)
  if (cause instanceof Overtaken || (cause instanceof Error && cause.message === TOO_LONG)) return true
  return isLost(error) || (cause instanceof DatabaseError && UNAVAILABLE_STATES.test(cause.code ?? ''))
}

/** True for an error that PostgreSQL chose the transaction for, of two that waited for each other. */
export function isDeadlock(error: unknown): boolean {
  const cause = causeOf(error)
  return cause instanceof DatabaseError && cause.code === '40P01'
}

/** True when there is no telling what the connection is in the middle of. */
export function isLost(error: unknown): boolean {
  const cause = causeOf(error)
  return (
    cause instanceof Error &&
    !(cause instanceof DatabaseError) &&
    ('syscall' in cause || LOST.test(cause.message))
  )
}

/** An error to be told of: PostgreSQL's, whose message does not repeat the statement and its parameters. */
export function withoutParameters(error: unknown): Error {
  const cause = causeOf(error)
  return cause instanceof Error ? cause : new Error('something failed that is no error')
}

/**
 * What is beneath Drizzle's error, which repeats the statement and its parameters; and beneath Node's, which has one for
 * each address of a name that none could be reached at.
 */
export function causeOf(error: unknown): unknown {
  const cause = error instanceof DrizzleQueryError ? error.cause : error
  return cause instanceof AggregateError ? cause.errors[0] : cause
}

// Connection and operator trouble, no resources, lock and statement timeouts, deadlock, serialisation failure; tables
// that a migration has yet to make.
const UNAVAILABLE_STATES = /^(08...|53...|57...|55P03|25P03|40P01|40001|42P01|3F000)$/
// What `pg` says without a code.
const LOST =
  /timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|Query read timeout|Cannot use a pool after calling end/
