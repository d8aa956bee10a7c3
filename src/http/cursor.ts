import { createHash } from 'node:crypto'
import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { FastifyRequest } from 'fastify'
import { DomainError } from '../domain/errors.ts'

/** A position in a list of things with an id. */
export const IdKey = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })

/**
 * Reads the position from `?cursor=`.
 *
 * @throws invalid_cursor for a cursor of another route, org, filter or caller, and for text that is no cursor.
 */
export function after<K extends TSchema>(request: FastifyRequest, key: K): Static<K> | undefined {
  const { cursor } = request.query as { cursor?: string }
  if (cursor === undefined) return undefined
  const [list, position] = decode(cursor)
  if (list !== listOf(request) || !Value.Check(key, position) || encode(list, position) !== cursor)
    throw new DomainError('invalid_cursor', 'This cursor belongs to another list. Begin again without one.')
  return position
}

/** Makes one page. `rows` has one row more than the page when another page follows. */
export function page<T>(
  request: FastifyRequest,
  rows: readonly T[],
  keyOf: (row: T) => unknown,
): { data: T[]; next: string | null } {
  const { limit } = request.query as { limit: number }
  const data = rows.slice(0, limit)
  const last = data.at(-1)
  const next = rows.length > limit && last !== undefined ? encode(listOf(request), keyOf(last)) : null
  return { data, next }
}

/** Makes a cursor that continues after this position, for lists that never end. */
export function cursorBehind(request: FastifyRequest, position: unknown): string {
  return encode(listOf(request), position)
}

/**
 * Names the list that a cursor belongs to. A user is part of the name, because two users may see different things. All
 * services see the same, so a renamed service continues where it was.
 */
function listOf(request: FastifyRequest): string {
  const { cursor, limit, ...filters } = request.query as Record<string, unknown>
  const { type, id } = request.actor
  const inOrder = Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1))
  const caller = type === 'user' ? [type, id] : [type]
  const list = JSON.stringify([request.routeOptions.url, request.params, inOrder, ...caller])
  return createHash('sha256').update(list).digest('base64url').slice(0, 16)
}

function encode(list: string, position: unknown): string {
  return Buffer.from(JSON.stringify([list, position])).toString('base64url')
}

function decode(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    return Array.isArray(parts) ? parts : []
  } catch {
    return []
  }
}
