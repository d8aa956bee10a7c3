import { DomainError } from './errors.ts'

/** The versions a caller would accept (RFC 9110, 13.1.1 `If-Match`), or any; undefined where they set no condition. */
export type IfMatch = readonly number[] | '*' | undefined

/**
 * @param thing undefined where there is none yet: version 0, which `*` does not stand for.
 * @throws version_mismatch when somebody else changed the thing since the caller read it.
 */
export function refuseStale(thing: { version: number } | undefined, ifMatch: IfMatch): void {
  const version = thing?.version ?? 0
  if (ifMatch === undefined || (ifMatch === '*' ? thing : ifMatch.includes(version))) return
  throw new DomainError('version_mismatch', `The current version is ${version}. Read it again, then decide.`)
}
