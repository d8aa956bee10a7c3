import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { DomainError } from '../../domain/errors.ts'
import { escapePointer } from '../faults.ts'
import { hasMoreValues } from './json-values.ts'

const DEPTH = 20

// Ten thousand members, each with every field, are fifty thousand values. A value costs far more memory than it has
// bytes, and reporting its faults costs even more.
const MOST_VALUES = 60_000

/** Accepts exactly what PostgreSQL can store and a schema can check, and drops nothing in silence. */
export function registerStrictInput(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (request: FastifyRequest, bytes: Buffer, done) => done(null, readJson(request, bytes)),
  )
  app.addHook('preValidation', (request, _reply, done) => {
    refuseMalformedQuery(request)
    refuseUnkept(request.params)
    refuseUnkept(request.query)
    refuseUnkept(request.body, '')
    readQuery(request.query)
    readBody(request)
    done()
  })
}

function readJson({ headers }: FastifyRequest, bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  if (!isUtf8(headers)) throw refusal('FST_ERR_CTP_INVALID_MEDIA_TYPE')
  return parseJson(bytes)
}

/** True for a body that claims to be what RFC 8259 allows, and is not compressed. */
function isUtf8({ 'content-type': type = '', 'content-encoding': coding = 'identity' }: IncomingHttpHeaders) {
  if (type === 'application/json' && coding === 'identity') return true
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(type)?.[1] ?? 'utf-8'
  return /^utf-?8$/i.test(charset) && /^identity$/i.test(coding)
}

/** Parses RFC 8259 in UTF-8 without a byte order mark, of no more values than any operation needs. */
function parseJson(bytes: Buffer): unknown {
  if (hasMoreValues(bytes, MOST_VALUES))
    throw new DomainError('invalid_request', `The body has more than ${MOST_VALUES} values.`)
  try {
    return JSON.parse(UTF8.decode(bytes))
  } catch {
    throw refusal('MALFORMED_JSON')
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function refuseMalformedQuery({ url }: FastifyRequest): void {
  if (!url.includes('%')) return
  const query = /[?#](.*)$/s.exec(url)?.[1] ?? ''
  try {
    decodeURIComponent(query)
  } catch {
    throw refusal('FST_ERR_BAD_URL')
  }
}

/** Makes an error with the code under which `problems.ts` knows it. */
function refusal(code: string): Error {
  return Object.assign(new Error(code), { code })
}

/**
 * Refuses values that cannot be stored. PostgreSQL refuses NUL in text, and lone surrogates in jsonb. JSON cannot write
 * 1e400 back. Depth costs stack. The import of files uses it too. @throws invalid_request
 */
export function refuseUnkept(value: unknown, at?: string): void {
  if (!isKept(value, 0)) refuseAt(value, at, 0)
}

/** True for a value that can be stored. Makes no pointers: nearly all values pass, and a pointer costs more than this. */
function isKept(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return isKeptText(value)
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth === DEPTH) return false
  for (const key of Object.keys(value)) {
    const inside: unknown = value[key as keyof typeof value]
    if (key === '__proto__' || !isKeptText(key) || !isKept(inside, depth + 1)) return false
  }
  return true
}

function isKeptText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

function refuseAt(value: unknown, at: string | undefined, depth: number): void {
  if (typeof value === 'string') {
    if (!isKeptText(value)) throw unkept(at, 'has NUL or half of a surrogate pair in it')
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw unkept(at, 'is a number too large to keep')
  } else if (typeof value === 'object' && value !== null) {
    if (depth === DEPTH) throw unkept(at, `is nested deeper than ${DEPTH}`)
    for (const [key, inside] of Object.entries(value)) {
      if (key === '__proto__') throw unkept(at, 'has a field named __proto__')
      refuseAt(key, at, depth + 1)
      refuseAt(inside, at === undefined ? at : `${at}/${escapePointer(key)}`, depth + 1)
    }
  }
}

function unkept(pointer: string | undefined, detail: string): DomainError {
  return new DomainError('invalid_request', `A value of the request ${detail}.`, {
    ...(pointer !== undefined && { pointer: pointer.toWellFormed() }),
  })
}

/** Converts `?limit=` and `?dryRun=`, the only text that becomes something else. Bodies are never coerced. */
function readQuery(query: unknown): void {
  if (typeof query !== 'object' || query === null) return
  if ('limit' in query && typeof query.limit === 'string' && /^\d{1,9}$/.test(query.limit))
    query.limit = Number(query.limit)
  if ('dryRun' in query && (query.dryRun === 'true' || query.dryRun === 'false'))
    query.dryRun = query.dryRun === 'true'
}

/** Reads a missing body as an empty one, to name the missing fields. A route without a body accepts none but `{}`. */
function readBody(request: FastifyRequest): void {
  if (request.method === 'GET' && request.body === undefined) return
  if (request.routeOptions.schema?.body) {
    if (request.body === undefined) request.body = {}
  } else if (!request.is404 && request.body !== undefined && JSON.stringify(request.body) !== '{}')
    throw new DomainError('invalid_request', 'This route takes no body.')
}
