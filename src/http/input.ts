import type { IfMatch } from '../domain/version.ts'

interface Sent<P, B> {
  readonly params: P
  readonly body: B
  readonly headers: { readonly 'if-match'?: string | undefined }
}

/** Joins the fields of the body and the ids in the path. The path wins over the body. */
export function inputOf<P extends object, B>({
  params,
  body,
}: Pick<Sent<P, B>, 'params' | 'body'>): Input<P, B> {
  return { ...body, ...params }
}

type Input<P, B> = Omit<B, keyof P> & P

/** Does the same for a thing with a version, and adds the version that the caller has seen. */
export function versionedInputOf<P extends object, B>(request: Sent<P, B>): Versioned<Input<P, B>> {
  return { ...inputOf(request), ifMatch: ifMatch(request.headers) }
}

type Versioned<T> = T & { readonly ifMatch: IfMatch }

/** Reads the ids in the path, and the version that the caller has seen. */
export function targetOf<P extends object>({
  params,
  headers,
}: Omit<Sent<P, unknown>, 'body'>): Versioned<P> {
  return { ...params, ifMatch: ifMatch(headers) }
}

/** Reads `If-Match` (RFC 9110, 13.1.1): a list of strong tags, or `*` for any version. A weak tag never matches. */
function ifMatch(headers: Sent<unknown, unknown>['headers']): IfMatch {
  const text = headers['if-match']
  if (text === undefined) return undefined
  if (text.trim() === '*') return '*'
  return text
    .split(',')
    .flatMap((tag) => /^\s*"(0|[1-9]\d{0,8})"\s*$/.exec(tag)?.[1] ?? [])
    .map(Number)
}
