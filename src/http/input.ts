import type { IfMatch } from '../domain/version.ts'

/** `If-Match` (RFC 9110, 13.1.1): a list of strong tags, or `*` for whatever there is. A weak tag never matches. */
export function ifMatch(headers: { 'if-match'?: string | undefined }): IfMatch {
  const text = headers['if-match']
  if (text === undefined) return undefined
  if (text.trim() === '*') return '*'
  return text
    .split(',')
    .flatMap((tag) => /^\s*"(0|[1-9]\d{0,8})"\s*$/.exec(tag)?.[1] ?? [])
    .map(Number)
}
