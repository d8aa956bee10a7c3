import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { ROLES } from '../../domain/roles.ts'

// Control, line-separating and text-direction characters are refused in one line of text.
const LINE = '^(?!\\s*$)[^\\u0000-\\u001F\\u007F-\\u009F\\u2028-\\u202E\\u2066-\\u2069]+$'
const LINES =
  '^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F\\u202A-\\u202E\\u2066-\\u2069]*$'
export const UUID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'

/** Refers to a schema of the components by its name. */
export function ref<T extends TSchema>(schema: T) {
  return Type.Unsafe<Static<T>>({ $ref: `${schema.$id}#` })
}

/** `type: [T, null]`, as JSON Schema 2020-12 writes it. */
export function nullable<T extends TSchema>(schema: T) {
  return Type.Unsafe<Static<T> | null>({ ...schema, type: [schema.type, 'null'] })
}

export function oneOf<const T extends readonly string[]>(values: T, options: object = {}) {
  return Type.Unsafe<T[number]>({ type: 'string', enum: values, ...options })
}

/** Lets an object schema refuse unknown fields. */
export const strict = { additionalProperties: false }

/** One line of text that is not blank. */
export const line = (maxLength: number, options: object = {}) =>
  Type.String({ minLength: 1, maxLength, pattern: LINE, ...options })

export const lines = (maxLength: number, options: object = {}) =>
  Type.String({ maxLength, pattern: LINES, ...options })

export const Id = Type.String({
  format: 'uuid',
  pattern: UUID,
  description: 'A UUIDv7.',
  examples: ['01980f3a-7c55-7b32-9a8e-2f6f3b1c4d5e'],
})

export const OrgParams = Type.Object({ orgId: { ...Id, description: "The organisation's id." } })

/** Accepts all that a token's `sub` may be, and nothing narrower: every user who signs in can be named. */
export const UserId = Type.String({
  minLength: 1,
  maxLength: 255,
  pattern: '^[^\\u0000-\\u001F\\u007F-\\u009F]+$',
  description: "The identity provider's `sub`, opaque to Muster.",
  examples: ['auth0|64f1c0ffee'],
})

export const Timestamp = Type.Unsafe<Date>({
  type: 'string',
  format: 'date-time',
  description: 'ISO 8601, UTC',
  examples: ['2026-01-31T09:30:00.000Z'],
})

export const RoleName = oneOf(ROLES, { examples: ['member'] })

export const MaybeRoleName = Type.Unsafe<typeof RoleName.static | null>({
  ...nullable(RoleName),
  enum: [...RoleName.enum, null],
})

export const ResourceRole = Type.Object({ resourceId: Id, role: RoleName }, strict)

export const Version = Type.Integer({
  minimum: 1,
  description:
    'Counts the changes. Also the `ETag`; send it back as `If-Match` to change only what you have seen.',
  examples: [3],
})

export const Metadata = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  additionalProperties: true,
  propertyNames: { minLength: 1, maxLength: 100 },
  maxProperties: 50,
  description: 'Any JSON of yours, up to 50 keys. Replaced whole by a change.',
  examples: [{ plan: 'team' }],
})

export const HttpsUrl = Type.String({
  format: 'uri',
  pattern: '^https://[^\\s\\u0000-\\u001F"<>\\\\^`{|}]+$',
  maxLength: 2048,
  examples: ['https://cdn.example.com/logo.svg'],
})

export const Email = Type.String({ minLength: 3, maxLength: 254, examples: ['bob@example.com'] })

export const PageQuery = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: 25, description: 'How many at most.' }),
  ),
  cursor: Type.Optional(
    Type.String({
      description: '`next` of the page before, with the same filters.',
    }),
  ),
}

/** One page of a list. `next` is null on the last one. */
export function pageOf<T extends TSchema>(item: T, id: string, options: object = {}) {
  const next = nullable(
    Type.String({ description: 'The `cursor` of the page that follows. Null: there is none.' }),
  )
  return Type.Object({ data: Type.Array(item), next }, { $id: id, description: 'One page.', ...options })
}

export const IfMatchHeader = Type.Object({
  'If-Match': Type.Optional(
    Type.String({
      maxLength: 200,
      description: 'The `ETag` that was read. Where the thing has changed since, 412 `version_mismatch`.',
      examples: ['"3"'],
    }),
  ),
})

const IdempotencyKey = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 255,
    pattern: '^[\\x20-\\x7E]+$',
    description: 'Makes a repeated call take effect once: a random value, such as a UUID. Kept for 24 h.',
    examples: ['6f2c0d6e-6f0a-4f6e-9c55-0d3a7f1b2c3d'],
  }),
)

export const IdempotencyHeader = Type.Object({ 'Idempotency-Key': IdempotencyKey })

export const VerbHeaders = Type.Object({ ...IfMatchHeader.properties, 'Idempotency-Key': IdempotencyKey })

/** The header that carries `version`. */
export const etag = {
  headers: { ETag: { type: 'string', description: 'The version, quoted.', examples: ['"3"'] } },
}
