import { DomainError } from './errors.ts'

/** The versions a caller would accept (RFC 9110 `If-Match`); undefined where the caller sets no condition. */
export type IfMatch = readonly number[] | undefined

/** @throws version_mismatch when somebody else changed the thing since the caller read it. */
export function refuseStale(thing: { version: number }, ifMatch: IfMatch): void {
  if (ifMatch && !ifMatch.includes(thing.version))
    throw new DomainError(
      'version_mismatch',
      `The current version is ${thing.version}. Read it again, then decide.`,
    )
}
