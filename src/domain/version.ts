import { DomainError } from './errors.ts'

/** The versions that a caller accepts (`If-Match`, RFC 9110, 13.1.1), or any; undefined when they set no condition. */
export type IfMatch = readonly number[] | '*' | undefined

/**
 * @param thing undefined when it does not exist yet: that is version 0, which `*` does not match.
 * @throws version_mismatch when another caller has changed the thing since this one read it.
 */
export function refuseStale(thing: { version: number } | undefined, ifMatch: IfMatch): void {
  const version = thing?.version ?? 0
  if (ifMatch === undefined || (ifMatch === '*' ? thing : ifMatch.includes(version))) return
  throw new DomainError('version_mismatch', `The current version is ${version}. Read it again, then decide.`)
}
